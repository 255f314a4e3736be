"""A policy over REST: drafted by one person, approved by another, and nothing of it is ever altered."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from rapport.clock import utc_now
from scoring.comparing import NEVER
from scoring.policy.handlers import PolicyUnreadable, keep_policies
from scoring.policy.store import policies
from scoring.version.domain.life import VersionAltered
from tests.scoring.entitlement.counter import Counter, by_measure, profile
from tests.scoring.facts import DAY, MONDAY, deliver, holdings
from tests.scoring.policy.test_faults import content
from tests.scoring.release.people import soon


def generous() -> dict[str, Any]:
    """By it everybody has all fees waived."""
    found = content() | {"reason": "Fees no longer"}
    waiver = {"measure": "fee-waiver", "value": 100, "apply": ["support"], "exceed": []}
    found["rules"][0]["entitlements"].append(waiver)
    return found


async def drafted(counter: Counter, said: dict[str, Any] | None = None) -> int:
    answer = await counter.analyst.post("/policies", json=said or generous())
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/policies/{answer.json()['version']}"
    version: int = answer.json()["version"]
    return version


def said(moment: datetime) -> dict[str, str]:
    return {"effective_from": moment.isoformat(), "reason": "Seen and approved"}


async def status(counter: Counter) -> dict[int, str]:
    listed = (await counter.manager.get("/policies")).json()["items"]
    return {one["version"]: one["status"] for one in listed}


async def in_force(counter: Counter, version: int, since: datetime = MONDAY - DAY) -> None:
    """Its date has come, and ten seconds later every process knows it."""
    await counter.service.rows_written(f"UPDATE policies SET effective_from = '{since}' WHERE version = {version}")
    known = counter.service.runtime.composition.state["policies"]
    known.compared_at = NEVER


async def test_what_one_person_drafts_holds_for_everybody_when_another_approved_it(counter: Counter) -> None:
    await deliver(counter.service, holdings(1, "5000.00"), profile())
    version = await drafted(counter)
    shown = (await counter.manager.get(f"/policies/{version}")).json()
    assert (shown["status"], shown["effective_from"], shown["rules"][0]["name"]) == ("draft", None, "everybody")
    assert by_measure((await counter.asked())["entitlements"])["fee-waiver"] == (50, "second-tier")
    approved = await counter.approver.post(f"/policies/{version}/approve", json=said(soon()))
    assert (approved.status_code, approved.json()["status"]) == (201, "approved")
    assert (await counter.asked())["policy_version"] == 1
    await in_force(counter, version)
    found = await counter.asked()
    assert (found["policy_version"], by_measure(found["entitlements"])["fee-waiver"]) == (version, (100, "everybody"))
    assert await status(counter) == {2: "approved", 1: "superseded"}


async def test_who_drafted_cannot_approve_and_it_takes_the_role(counter: Counter) -> None:
    answer = await counter.approver.post("/policies", json=generous())
    version = answer.json()["version"]
    own = await counter.approver.post(f"/policies/{version}/approve", json=said(soon()))
    assert (own.status_code, own.json()["title"]) == (403, "A second person approves")
    for client in (counter.analyst, counter.manager, counter.channel):
        assert (await client.post(f"/policies/{version}/approve", json=said(soon()))).status_code == 403
    assert (await counter.manager.post("/policies", json=generous())).status_code == 403
    assert (await counter.channel.get("/policies")).status_code == 403
    assert (await status(counter))[version] == "draft"
    assert (await counter.compliance.post(f"/policies/{version}/approve", json=said(soon()))).status_code == 201
    again = await counter.compliance.post(f"/policies/{version}/approve", json=said(soon(9)))
    assert (again.status_code, again.json()["title"]) == (409, "The version is not a draft")


async def test_every_fault_of_a_draft_is_listed_and_nothing_is_kept(counter: Counter) -> None:
    wrong = generous()
    wrong["rules"][0]["entitlements"][0]["measure"] = "complaint-hours"
    wrong["rules"][1]["risk"] = [{"measure": "transfer-review", "value": True, "apply": ["wizard"]}]
    answer = await counter.analyst.post("/policies", json=wrong)
    faults = {fault["field"]: fault["reason"] for fault in answer.json()["errors"]}
    assert answer.status_code == 422
    assert set(faults) == {"rules.0.entitlements.0.measure", "rules.1.risk.0.value", "rules.1.risk.0.apply.0"}
    assert "the same for everybody" in faults["rules.0.entitlements.0.measure"]
    assert await status(counter) == {}


async def test_a_draft_is_of_this_bank_and_of_its_tiers(counter: Counter) -> None:
    wrong = generous() | {"name": "other", "currency": "USD"}
    wrong["rules"][1]["when"] = {"tier": ["middle", "gold"]}
    answer = await counter.analyst.post("/policies", json=wrong)
    assert answer.status_code == 422
    assert {fault["field"] for fault in answer.json()["errors"]} == {"name", "currency", "rules.1.when.tier.1"}


async def test_a_date_lies_a_minute_ahead_and_after_the_version_before(counter: Counter) -> None:
    version = await drafted(counter)
    answer = await counter.approver.post(f"/policies/{version}/approve", json=said(soon(0.5)))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (409, "effective_from")
    assert (await counter.approver.post(f"/policies/{version}/approve", json=said(soon(10)))).status_code == 201
    later = await drafted(counter)
    answer = await counter.approver.post(f"/policies/{later}/approve", json=said(soon(5)))
    assert f"after that of version {version}" in answer.json()["errors"][0]["reason"]


async def test_what_is_not_in_force_is_withdrawn_and_what_was_is_gone_back_to_by_two_persons(counter: Counter) -> None:
    version = await drafted(counter)
    back = await counter.analyst.post("/policies/rollback", json={"version": version, "reason": "Back"})
    assert (back.status_code, back.json()["title"]) == (422, "The version never decided")
    answer = await counter.analyst.post(f"/policies/{version}/withdraw", json={"reason": "A mistake"})
    assert answer.json()["status"] == "withdrawn"
    answer = await counter.analyst.post("/policies/1/withdraw", json={"reason": "No longer"})
    assert (answer.status_code, answer.json()["title"]) == (409, "The version is in force")
    back = await counter.analyst.post("/policies/rollback", json={"version": 1, "reason": "As it was"})
    assert (back.status_code, back.json()["status"], back.json()["reason"]) == (201, "draft", "As it was")
    for act in ("approve", "withdraw"):
        body = said(soon()) if act == "approve" else {"reason": "Gone"}
        assert (await counter.approver.post(f"/policies/99/{act}", json=body)).status_code == 404
    for shown in ("", "/acts"):
        assert (await counter.manager.get(f"/policies/99{shown}")).status_code == 404


async def test_who_did_what_when_and_why_is_kept_for_ever(counter: Counter) -> None:
    version, at = await drafted(counter), soon()
    await counter.approver.post(f"/policies/{version}/approve", json=said(at))
    acts = (await counter.manager.get(f"/policies/{version}/acts")).json()["items"]
    assert [(act["act"], act["done_by"], act["reason"]) for act in acts] == [
        ("approved", "ben", "Seen and approved"),
        ("drafted", "eve", "Fees no longer"),
    ]
    assert acts[0]["details"] == {"effective_from": at.isoformat()}
    assert datetime.now(UTC) - datetime.fromisoformat(acts[0]["done_at"]) < timedelta(minutes=1)
    for statement in (
        "UPDATE policy_acts SET done_by = 'eve'",
        "DELETE FROM policies",
        "UPDATE policies SET document = '{}'",
    ):
        with pytest.raises(DBAPIError, match="only grows"):
            await counter.service.rows_written(statement)


async def test_other_limits_move_classes_from_their_date_on(counter: Counter) -> None:
    await deliver(counter.service, holdings(1, "5000.00", at=MONDAY - 40 * DAY), holdings(2, "5000.00"))
    await counter.note()
    before = await counter.history("attribute")
    assert [value for value, _ in before] == ["ordinary"]
    lower = generous()
    lower["classes"]["attribute"] = {"middle": 1000, "upper": 5000}
    version, since = await drafted(counter, lower), MONDAY - timedelta(hours=1)
    await counter.approver.post(f"/policies/{version}/approve", json=said(soon()))
    await in_force(counter, version, since)
    assert (await counter.classes())["attribute"] == ("hnw", since)
    assert await counter.note() == 1, "by other limits the book is noted once more on the same day"
    assert await counter.history("attribute") == [*before, ("hnw", since)]
    assert (await counter.classes())["activity"][0] == "low"


async def test_a_file_that_was_altered_is_noticed(counter: Counter) -> None:
    runtime = counter.service.runtime
    known = runtime.composition.state["policies"]
    for _ in range(2):
        await keep_policies(runtime.transactions, known=known)
    assert await status(counter) == {1: "approved"}
    known.files = (known.files[0].model_copy(update={"reason": "Altered"}),)
    with pytest.raises(VersionAltered, match="policy retail-cny 1 differs"):
        await keep_policies(runtime.transactions, known=known)


async def test_a_stored_policy_that_breaks_a_rule_of_this_release_is_named_and_nobody_gets_anything_by_it(
    counter: Counter,
) -> None:
    known = counter.service.runtime.composition.state["policies"]
    broken = content()
    broken["rules"][0]["risk"][0]["apply"] = ["wizard"]
    async with counter.service.runtime.engine.begin() as connection:
        row = {"version": 1, "document": broken, "effective_from": MONDAY - DAY}
        await policies.keep(connection, [row])
        with pytest.raises(PolicyUnreadable, match=r"rules\.0\.risk\.0\.apply\.0: is not a role"):
            await known.take_up(connection)
    assert known.latest.effective_from != MONDAY - DAY


async def test_a_policy_is_shown_without_controls_where_customers_are_served(counter: Counter) -> None:
    version = await drafted(counter)
    served = (await counter.manager.get(f"/policies/{version}")).json()
    whole = (await counter.compliance.get(f"/policies/{version}")).json()
    assert (served["withheld"], whole["withheld"]) == (["risk"], [])
    assert "lost" in {rule["name"] for rule in whole["rules"]}
    assert [rule["name"] for rule in served["rules"]] == [
        rule["name"] for rule in whole["rules"] if rule["entitlements"]
    ]
    assert not {"transfer-review", "manual-credit-decision"} & set(re.findall("[a-z-]+", str(served)))
    assert all("risk" not in rule for rule in served["rules"])
    assert {"transfer-review", "manual-credit-decision"} <= set(re.findall("[a-z-]+", str(whole)))


async def test_a_list_is_of_heads_and_reads_no_document(counter: Counter) -> None:
    version = await drafted(counter)
    async with counter.service.runtime.engine.connect() as connection:
        head, _ = await policies.page(connection, utc_now(), before=None, limit=2)
    assert "document" not in head
    shown = (await counter.manager.get("/policies?limit=1")).json()["items"][0]
    assert shown == {name: shown[name] for name in head if name in shown}
    assert (shown["version"], shown["author"], shown["reason"]) == (version, "Retail banking", "Fees no longer")
    assert (shown["drafted_by"], shown["status"], shown["currency"]) == ("eve", "draft", "CNY")


async def test_what_two_approved_nobody_undoes_who_may_not_approve(counter: Counter) -> None:
    version, why = await drafted(counter), {"reason": "No"}
    await counter.approver.post(f"/policies/{version}/approve", json=said(soon(60)))
    alone = await counter.analyst.post(f"/policies/{version}/withdraw", json=why)
    assert (alone.status_code, alone.json()["title"]) == (403, "Who may approve withdraws what was approved")
    assert (await counter.approver.post(f"/policies/{version}/withdraw", json=why)).json()["status"] == "withdrawn"
