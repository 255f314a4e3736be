"""The tests here are about feedback, and share one database; see `tests/support/serving.py`."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from rapport.database import create_engine
from tests.support.serving import SUBJECTS, Subject
from tests.support.stack import Databases, FreshDatabase

# Deleting is faster than TRUNCATE, which makes new files, on tables of a few rows.
_DELETE_EVERYTHING = """
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename !~ '^(alembic|inbox_)' LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
END $$
"""


@pytest.fixture(scope="session")
def subject() -> Subject:
    return SUBJECTS["feedback"]


@pytest.fixture(scope="session")
def database(databases: Databases) -> Iterator[FreshDatabase]:
    """One for all these tests, emptied before each: a copy for every test would take most of their time."""
    made = databases.fresh("feedback")
    yield made
    databases.drop(made)


@pytest.fixture
async def empty_database(database: FreshDatabase) -> Callable[[], FreshDatabase]:
    """The same one however often a test asks."""
    engine = create_engine(database.owner_url, application="test", pool_size=1)
    async with engine.begin() as connection:
        await connection.execute(text(_DELETE_EVERYTHING))
    await engine.dispose()
    return lambda: database
