"""People who release versions."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from rapport.serving import api_of
from tests.scoring.release.people import People
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer


@pytest.fixture
async def people(issuer: TestIssuer) -> AsyncIterator[Callable[[Delivering], Any]]:
    """`await people(service)`: clients of its API for an analyst and two risk managers."""
    async with AsyncExitStack() as stack:

        async def of(service: Delivering) -> People:
            transport = httpx.ASGITransport(api_of(service.runtime))

            async def client(role: str, who: str) -> httpx.AsyncClient:
                headers = issuer.bearer(role, subject=who)
                made = httpx.AsyncClient(transport=transport, base_url="http://scoring", headers=headers)
                return await stack.enter_async_context(made)

            return People(
                service,
                analyst=await client("analyst", "ana"),
                approver=await client("risk_manager", "ben"),
                reader=await client("support", "eve"),
            )

        yield of
