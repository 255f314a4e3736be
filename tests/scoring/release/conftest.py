"""A bank with a scorecard of one feature, so that points can be reckoned by hand, and people who release versions."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from rapport.serving import api_of
from tests.scoring.release.people import FIRST, People
from tests.support.delivering import Delivering
from tests.support.serving import Start
from tests.support.tokens import TestIssuer


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    """The folder the bank begins with: one version."""
    folder = tmp_path / "cards"
    folder.mkdir()
    (folder / "1.json").write_text(json.dumps(FIRST | {"version": 1, "effective_from": "1990-01-01"}))
    return folder


@pytest.fixture
async def bank(running: Start, cards: Path) -> Delivering:
    """In stream time, so that the date of a version comes when the test says so."""
    return await running("stream", scorecards=cards)


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
                reader=await client("rm", "eve"),
            )

        yield of
