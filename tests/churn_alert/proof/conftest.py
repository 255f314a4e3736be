"""A bank whose alerts were right and wrong, made by living: who fell silent for good, and who came back."""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

import httpx
import pytest
from fastapi import FastAPI

from churn_alert.proof.handlers import Measuring, judge_alerts
from tests.churn_alert.conftest import SILENT_FROM, Live
from tests.churn_alert.lives import DAY
from tests.support.delivering import Delivering
from tests.support.sight import client_of
from tests.support.tokens import TestIssuer

Judge = Callable[[], Awaitable[None]]
LATEST = SILENT_FROM + 240 * DAY


@pytest.fixture
def judge(service: Delivering) -> Judge:
    measure = service.runtime.composition.state["measure"]
    return partial(judge_alerts, service.runtime.transactions, measure=measure)


@pytest.fixture
async def analyst(app: FastAPI, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, issuer, "analyst", subject="e-9") as client:
        yield client


@pytest.fixture
async def lived(live: Live) -> None:
    """c-1 and c-2 leave; c-3 is away for five weeks and comes back."""
    for customer_id in ("c-1", "c-2"):
        await live(customer_id, until=LATEST)
    await live("c-3", until=LATEST, back_from=SILENT_FROM + 35 * DAY)


@pytest.fixture
def measure(service: Delivering) -> Measuring:
    found: Measuring = service.runtime.composition.state["measure"]
    return found
