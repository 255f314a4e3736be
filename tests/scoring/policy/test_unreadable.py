"""A policy of an earlier release that this one cannot read stands in nobody's way once a later one is in force."""

from datetime import UTC, datetime
from typing import Any

from scoring.comparing import NEVER
from tests.scoring.entitlement.counter import Counter
from tests.scoring.facts import deliver, holdings
from tests.scoring.policy.test_api import drafted

_WITH_A_ROLE_THAT_IS_NO_MORE = """
    INSERT INTO policies(version, document, effective_from)
    SELECT 10, jsonb_set(document, '{rules,0,entitlements,0,apply}', '["cashier"]'), '2000-01-01' FROM policies
    WHERE version = 2
"""


async def with_an_unreadable_one(counter: Counter) -> None:
    await deliver(counter.service, holdings(1, "5000.00"))
    version = await drafted(counter)
    await counter.service.rows_written(
        _WITH_A_ROLE_THAT_IS_NO_MORE,
        "INSERT INTO policies(version, document, effective_from) "
        f"SELECT 11, document, '2001-01-01' FROM policies WHERE version = {version}",
    )
    known: Any = counter.service.runtime.composition.state["policies"]
    known.compared_at = NEVER


async def test_what_was_superseded_need_not_be_readable(counter: Counter) -> None:
    await with_an_unreadable_one(counter)
    assert (await counter.asked())["policy_version"] == 11
    assert await counter.note() == 1
    assert await drafted(counter) == 12


async def test_it_is_shown_as_it_was_stored(counter: Counter) -> None:
    await with_an_unreadable_one(counter)
    answer = await counter.manager.get("/policies/10")
    shown = answer.json()
    assert (answer.status_code, shown["status"], shown["version"]) == (200, "superseded", 10)
    assert shown["rules"][0]["entitlements"][0]["apply"] == ["cashier"]
    assert datetime.fromisoformat(shown["effective_from"]) == datetime(2000, 1, 1, tzinfo=UTC)


async def test_it_is_not_gone_back_to_and_every_fault_is_told(counter: Counter) -> None:
    await with_an_unreadable_one(counter)
    back = await counter.analyst.post("/policies/rollback", json={"version": 10, "reason": "As it was"})
    assert (back.status_code, back.json()["title"]) == (422, "The policy is not one of this bank")
    assert [fault["field"] for fault in back.json()["errors"]] == ["rules.0.entitlements.0.apply.0"]
