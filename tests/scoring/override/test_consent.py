"""Who declined or withdrew consent to tiering is tiered by people only, from when that is heard, until they consent."""

from collections.abc import AsyncIterator
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.standing.domain.placing import heed_consent, heed_refusal
from scoring.standing.domain.state import Standing
from tests.scoring.facts import DAY, MONDAY
from tests.scoring.override.office import Office, office_of
from tests.scoring.override.test_people_only import waiting
from tests.scoring.override.test_what_people_did import demand_told
from tests.scoring.replaying import reach
from tests.support.delivering import Delivering
from tests.support.grouping import merge, person, unmerge
from tests.support.serving import Start
from tests.support.tokens import TestIssuer


@pytest.fixture
async def office(bank: Delivering, issuer: TestIssuer) -> AsyncIterator[Office]:
    async with office_of(bank, issuer) as found:
        yield found


async def causes(office: Office) -> tuple[bool, bool]:
    shown = await office.shown()
    return shown["people_only"], shown["consent_refused"]


async def test_the_scorecard_never_moves_who_said_no_to_tiering_and_people_do(office: Office) -> None:
    await office.consent(revision=1, allowed=False)
    await office.hold(2, "500000.00", MONDAY + DAY)
    await reach(office.service, MONDAY + 40 * DAY)
    shown = await office.shown()
    assert (shown["tier"], shown["scorecard_tier"]) == ("middle", "high")
    assert await causes(office) == (True, True)
    assert await waiting(office) == ["c-1"]
    explained = (await office.auditor.get("/standings/c-1/explanation")).json()
    assert "have not consented to automated tiering" in explained["texts"]["customer"]["en"]
    assert "您未同意或已撤回同意自动化客户分层" in explained["texts"]["customer"]["zh"]
    assert explained["next_tier"] is None
    await office.put_on(tier="low")
    assert (await office.shown())["tier"] == "low"


async def test_who_consents_again_is_where_the_scorecard_has_them_and_an_older_word_changes_nothing(
    office: Office,
) -> None:
    await office.consent(revision=2, allowed=False)
    await office.hold(2, "500000.00", MONDAY + DAY)
    await office.consent(revision=1, allowed=True)
    assert await causes(office) == (True, True)
    await office.consent(revision=3, allowed=True)
    assert (await office.decisions())[1:] == [("middle", "high", "event", 1)]
    await demand_told(office, "consent-given", "event")
    await office.consent(revision=2, allowed=False)
    assert await causes(office) == (False, False)


async def test_a_first_tier_of_who_had_said_no_is_the_lowest_and_told_as_of_that(office: Office) -> None:
    await office.consent(revision=1, allowed=False, customer_id="c-2")
    await demand_told(office, "consent-refused", "event", "c-2")
    assert await waiting(office) == ["c-2"]
    (row,) = await office.service.rows("SELECT tier, consent_version FROM decisions WHERE customer_id = 'c-2'")
    assert tuple(row) == ("low", 1)


async def test_who_said_nothing_yet_or_no_to_something_else_is_tiered_by_automation(office: Office) -> None:
    await office.consent(revision=1, allowed=None)
    await office.consent(revision=1, allowed=True, customer_id="c-2")
    await office.consent(revision=2, allowed=False, purpose="churn-care")
    assert await causes(office) == (False, False)
    await office.hold(2, "500000.00", MONDAY + DAY)
    assert (await office.shown())["tier"] == "high"
    assert not await office.service.rows("SELECT 1 FROM standings WHERE customer_id = 'c-2'")
    assert not await office.service.rows("SELECT 1 FROM hands")


async def test_neither_cause_undoes_the_other(office: Office) -> None:
    await office.consent(revision=1, allowed=False)
    await office.profile(refuses=True, revision=1)
    await office.hold(2, "500000.00", MONDAY + DAY)
    await office.consent(revision=2, allowed=True)
    assert (await office.shown())["tier"] == "middle" and await causes(office) == (True, False)
    await office.consent(revision=3, allowed=False)
    await office.profile(refuses=False, revision=2)
    assert (await office.shown())["tier"] == "middle" and await causes(office) == (True, True)
    await office.consent(revision=4, allowed=True)
    assert (await office.shown())["tier"] == "high" and await causes(office) == (False, False)


@given(st.permutations([("refusal", True), ("refusal", False), ("consent", True), ("consent", False)]))
def test_people_alone_decide_as_long_as_either_no_holds(words: list[tuple[str, bool]]) -> None:
    standing, held = Standing("c-1"), {"refusal": False, "consent": False}
    for number, (kind, is_no) in enumerate(words, 1):
        held[kind] = is_no
        if kind == "refusal":
            heed_refusal(standing, refuses=is_no, revision=number, at=MONDAY)
        else:
            heed_consent(standing, refused=is_no, at=MONDAY)
        assert (standing.automation_refused, standing.consent_refused) == (held["refusal"], held["consent"])
        assert standing.people_only == any(held.values())


async def test_a_no_that_is_told_again_writes_nothing(office: Office) -> None:
    everything = "SELECT to_jsonb(s), d FROM standings s JOIN due_times d USING (customer_id)"
    await office.consent(revision=1, allowed=False)
    before = await office.service.rows(everything)
    await office.consent(revision=1, allowed=False)
    await office.consent(revision=2, allowed=False)
    assert await office.service.rows(everything) == before
    assert len(await office.service.rows("SELECT 1 FROM hands")) == 1


async def test_in_whatever_order_the_words_come_the_latest_holds(running: Start, issuer: TestIssuer) -> None:
    service = await running("stream")
    async with office_of(service, issuer) as office:
        for number, order in enumerate(permutations(((1, False), (2, True), (3, False)))):
            for revision, allowed in order:
                await office.consent(revision=revision, allowed=allowed, customer_id=f"d-{number}")
        assert await waiting(office) == [f"d-{number}" for number in range(6)]


async def test_a_no_on_any_file_of_a_person_counts_for_the_person_as_long_as_it_is_one(office: Office) -> None:
    deliver, record = office.service.deliver, office.service.feed.record
    await deliver(*[record(one) for one in merge(1, "c-1", "c-2")])
    await office.consent(revision=1, allowed=False, customer_id="c-2")
    await reach(office.service, MONDAY + 1 * DAY)
    await office.hold(2, "500000.00", MONDAY + 2 * DAY)
    assert (await office.shown())["tier"] == "middle" and await causes(office) == (True, True)
    await deliver(*[record(one) for one in unmerge(2, person("c-1"), person("c-2"))])
    assert (await office.shown())["tier"] == "high" and await causes(office) == (False, False)
