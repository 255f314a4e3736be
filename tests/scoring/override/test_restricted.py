"""Whose relationship is restricted is tiered by people only, from when that is heard, until it is lifted."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.scoring.facts import DAY, MONDAY
from tests.scoring.override.office import Office, office_of, profiled
from tests.scoring.override.test_people_only import waiting
from tests.scoring.override.test_what_people_did import demand_told
from tests.scoring.replaying import reach
from tests.support.delivering import Delivering
from tests.support.grouping import merge, person, unmerge
from tests.support.tokens import TestIssuer


@pytest.fixture
async def office(bank: Delivering, issuer: TestIssuer) -> AsyncIterator[Office]:
    async with office_of(bank, issuer) as found:
        yield found


async def say(office: Office, revision: int, relationship: str | None, customer_id: str = "c-1", **also: Any) -> None:
    told = profiled(refuses=also.get("refuses", False), revision=revision, customer_id=customer_id)
    told = told.model_copy(update={"relationship": relationship})
    await office.service.deliver(office.service.feed.record(told, time=MONDAY, source="customer-profile"))


async def causes(office: Office) -> tuple[bool, bool]:
    shown = await office.shown()
    return shown["people_only"], shown["is_restricted"]


async def test_the_scorecard_never_moves_who_is_restricted_and_people_do(office: Office) -> None:
    await say(office, 1, "restricted")
    await office.hold(2, "500000.00", MONDAY + DAY)
    await reach(office.service, MONDAY + 40 * DAY)
    shown = await office.shown()
    assert (shown["tier"], shown["scorecard_tier"]) == ("middle", "high")
    assert await causes(office) == (True, True)
    assert await waiting(office) == ["c-1"]
    explained = (await office.auditor.get("/standings/c-1/explanation")).json()
    assert "relationship is restricted" in explained["texts"]["staff"]["en"]
    assert "业务关系受限" in explained["texts"]["staff"]["zh"]
    assert explained["next_tier"] is None
    await office.put_on(tier="low")
    assert (await office.shown())["tier"] == "low"


async def test_a_customer_is_never_told_of_a_restriction_which_can_tell_of_an_inquiry(office: Office) -> None:
    await say(office, 1, "restricted", "c-2")
    await say(office, 1, "restricted")
    await office.hold(2, "500000.00", MONDAY + DAY)
    await say(office, 2, "active")
    read = [f"/standings/{one}/{what}" for one in ("c-1", "c-2") for what in ("explanation", "history")]
    texts = [text for path in read for text in await to_customers(office, path)]
    assert len(texts) >= 2 * 4 and all(" " in text or "。" in text for text in texts)
    assert [text for text in texts if "relationship" in text or "restrict" in text or "关系" in text] == []
    acts = [(await one.get(read[0])).json()["people_act"] for one in (office.auditor, office.channel)]
    assert acts == ["relationship-resumed", None]


async def to_customers(office: Office, path: str) -> list[str]:
    answer = (await office.auditor.get(path)).json()
    told = [one["texts"] for one in answer.get("items", [answer]) if one["texts"]]
    return [text for texts in told for text in texts["customer"].values()]


async def test_once_it_is_lifted_the_customer_is_at_once_where_the_scorecard_has_them(office: Office) -> None:
    await say(office, 2, "restricted")
    await office.hold(2, "500000.00", MONDAY + DAY)
    await say(office, 1, "active")
    assert await causes(office) == (True, True)
    await say(office, 3, "active")
    assert (await office.decisions())[1:] == [("middle", "high", "event", 1)]
    await demand_told(office, "relationship-resumed", "event")
    await say(office, 2, "restricted")
    assert await causes(office) == (False, False)


@pytest.mark.parametrize("relationship", [None, "admission", "active", "exited"])
async def test_who_is_not_restricted_is_tiered_by_automation(office: Office, relationship: str | None) -> None:
    await say(office, 1, relationship)
    await office.hold(2, "500000.00", MONDAY + DAY)
    assert (await office.shown())["tier"] == "high"
    assert not await office.service.rows("SELECT 1 FROM hands")


async def test_a_first_tier_of_who_was_restricted_is_the_lowest_and_told_as_of_that(office: Office) -> None:
    await say(office, 1, "restricted", "c-2")
    await demand_told(office, "relationship-restricted", "event", "c-2")
    assert await waiting(office) == ["c-2"]


async def test_neither_a_refusal_nor_a_restriction_undoes_the_other(office: Office) -> None:
    await say(office, 1, "restricted", refuses=True)
    await office.hold(2, "500000.00", MONDAY + DAY)
    await say(office, 2, "active", refuses=True)
    assert (await office.shown())["tier"] == "middle" and await causes(office) == (True, False)
    await say(office, 3, "restricted")
    assert (await office.shown())["tier"] == "middle" and await causes(office) == (True, True)
    await say(office, 4, "active")
    assert (await office.shown())["tier"] == "high" and await causes(office) == (False, False)


async def test_a_restriction_that_was_told_before_this_release_is_heeded_when_it_is_told_again(office: Office) -> None:
    await say(office, 5, "restricted")
    await office.service.rows_written("UPDATE standings SET is_restricted = false, people_since = NULL")
    await say(office, 5, "restricted")
    assert await causes(office) == (True, True)
    before = await office.service.rows("SELECT to_jsonb(s) FROM standings s")
    await say(office, 5, "restricted")
    assert await office.service.rows("SELECT to_jsonb(s) FROM standings s") == before


async def test_a_restriction_of_any_file_counts_for_the_person_as_long_as_it_is_one(office: Office) -> None:
    deliver, record = office.service.deliver, office.service.feed.record
    await deliver(*[record(one) for one in merge(1, "c-1", "c-2")])
    await say(office, 1, "restricted", "c-2")
    await reach(office.service, MONDAY + 1 * DAY)
    await office.hold(2, "500000.00", MONDAY + 2 * DAY)
    assert (await office.shown())["tier"] == "middle" and await causes(office) == (True, True)
    await deliver(*[record(one) for one in unmerge(2, person("c-1"), person("c-2"))])
    assert (await office.shown())["tier"] == "high" and await causes(office) == (False, False)
