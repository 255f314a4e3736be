"""What the tests of the shared package share."""

from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from rapport.database import create_engine
from tests.support.stack import FreshDatabase
from tests.support.tally import MIGRATIONS


@pytest.fixture
async def engine(fresh_database: Callable[..., FreshDatabase]) -> AsyncIterator[AsyncEngine]:
    """As a service's API has it, on a database with the delivery tables and no rows."""
    made = create_engine(fresh_database("tally", migrations=MIGRATIONS).url, application="test")
    yield made
    await made.dispose()
