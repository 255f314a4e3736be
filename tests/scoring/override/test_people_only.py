"""Who refuses automated decisions is tiered by people only, from when that is heard."""

from collections.abc import AsyncIterator

import pytest

from tests.scoring.facts import DAY, MONDAY
from tests.scoring.override.office import UNTIL, Office, office_of
from tests.scoring.replaying import reach
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer


@pytest.fixture
async def office(bank: Delivering, issuer: TestIssuer) -> AsyncIterator[Office]:
    async with office_of(bank, issuer) as found:
        yield found


async def waiting(office: Office) -> list[str]:
    rows = (await office.auditor.get("/standings?people_only=true")).json()["items"]
    return [row["customer_id"] for row in rows]


async def test_the_scorecard_never_moves_who_refused_and_people_do(office: Office) -> None:
    assert await waiting(office) == []
    await office.profile(refuses=True, revision=3)
    await office.hold(2, "500000.00", MONDAY + DAY)
    await reach(office.service, MONDAY + 40 * DAY)
    shown = await office.shown()
    assert (shown["tier"], shown["scorecard_tier"], shown["people_only"]) == ("middle", "high", True)
    assert await waiting(office) == ["c-1"]
    await office.put_on(tier="low")
    await reach(office.service, UNTIL + 40 * DAY)
    assert (await office.decisions())[1:] == [("middle", "low", "override", 40)]
    assert (await office.shown())["tier"] == "low"


async def test_who_takes_it_back_is_where_the_scorecard_has_them_and_an_older_word_changes_nothing(
    office: Office,
) -> None:
    await office.profile(refuses=True, revision=3)
    await office.hold(2, "500000.00", MONDAY + DAY)
    await office.profile(refuses=False, revision=2)
    assert (await office.shown())["tier"] == "middle"
    await office.profile(refuses=False, revision=4)
    assert (await office.decisions())[1:] == [("middle", "high", "event", 1)]
    await office.profile(refuses=True, revision=3)
    assert await waiting(office) == []


async def test_who_refused_before_anything_was_heard_begins_in_the_lowest_tier(office: Office) -> None:
    await office.profile(refuses=True, revision=1, customer_id="c-2")
    await office.profile(refuses=False, revision=1, customer_id="c-3")
    rows = await office.service.rows("SELECT customer_id, tier FROM standings WHERE customer_id <> 'c-1'")
    assert [tuple(row) for row in rows] == [("c-2", "low")]
    assert await waiting(office) == ["c-2"]
    others = (await office.auditor.get("/standings?people_only=false")).json()["items"]
    assert [row["customer_id"] for row in others] == ["c-1"]


async def test_what_is_told_of_who_never_refused_changes_nothing_but_what_is_known(office: Office) -> None:
    everything = "SELECT to_jsonb(s) - 'profile_revision', d FROM standings s JOIN due_times d USING (customer_id)"
    before = await office.service.rows(everything)
    await office.profile(refuses=False, revision=5)
    assert await office.service.rows(everything) == before
