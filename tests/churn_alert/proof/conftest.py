"""A bank whose alerts were right and wrong, made by living: who fell silent for good, and who came back."""

from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from churn_alert.proof.handlers import judge_alerts
from tests.churn_alert.conftest import SILENT_FROM, Live
from tests.churn_alert.lives import DAY
from tests.support.delivering import Delivering

Judge = Callable[[], Awaitable[None]]
LATEST = SILENT_FROM + 240 * DAY


@pytest.fixture
def judge(service: Delivering) -> Judge:
    measure = service.runtime.composition.state["measure"]
    return partial(judge_alerts, service.runtime.transactions, measure=measure)


@pytest.fixture
async def lived(live: Live) -> None:
    """c-1 and c-2 leave; c-3 is away for five weeks and comes back."""
    for customer_id in ("c-1", "c-2"):
        await live(customer_id, until=LATEST)
    await live("c-3", until=LATEST, back_from=SILENT_FROM + 35 * DAY)
