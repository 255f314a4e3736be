"""What became of answers to messages: each is counted once, as what it was."""

import httpx

from tests.churn_alert.intervention.conftest import Answer, Told
from tests.support.delivering import Delivering


async def test_an_answer_heard_twice_or_to_somebody_elses_request_changes_nothing(
    service: Delivering, silent: str, told: Told, answer: Answer
) -> None:
    (asked,) = await told("contact-requested")
    await answer("case-1")
    await answer("iv-of-nobody-1")
    assert len(await told()) == 2
    await answer(asked["request_id"])
    before = await told()
    await answer(asked["request_id"])
    await answer(asked["request_id"], "expired")
    assert await told() == before
    counts = await service.counts()
    assert (counts["dead_lettered"], counts["skipped"], counts["duplicate"]) == (0, 1, 1), "it cannot expire any more"
    await answer("case-2", "capped")
    assert (await service.counts())["skipped"] == 2, "a message of somebody else's that reached nobody is no contact"


async def test_an_answer_that_comes_after_its_step_is_over_is_no_repeat(
    service: Delivering, silent: str, told: Told, answer: Answer, api: httpx.AsyncClient
) -> None:
    (first,) = await told("contact-requested")
    await answer(first["request_id"], "capped")
    await answer(first["request_id"], "capped")
    _, second = await told("contact-requested")
    (alert,) = (await api.get("/alerts")).json()["items"]
    await api.post(f"/alerts/{alert['alert_id']}/closure", json={"outcome": "retained"})
    before = await told()
    await answer(second["request_id"], "capped", days=0.2)
    assert await told() == before
    counts = await service.counts()
    assert (counts["duplicate"], counts["skipped"]) == (1, 1)
