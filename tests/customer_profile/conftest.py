"""The tests here are about customer-profile; see `tests/support/serving.py`."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from tests.support.serving import SUBJECTS, Subject
from tests.support.tokens import TestIssuer


@pytest.fixture(scope="session")
def subject() -> Subject:
    return SUBJECTS["customer_profile"]


@pytest.fixture
async def system(app: FastAPI, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """A system of the bank, which sets an identity at once; people ask for it."""
    headers, transport = issuer.bearer("service", subject="onboarding"), httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://customer-profile", headers=headers) as client:
        yield client
