"""Leads in a real database when a file of a person is destroyed: those that are left have the leads of their own."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from rapport.erasure import store
from tests.churn_alert.abnormal.telling import cash
from tests.churn_alert.abnormal.test_handing_over import true_leads
from tests.churn_alert.abnormal.test_handlers import DAY, HOUR, leads, steps, swept, tell, told_of
from tests.churn_alert.abnormal.test_merging import life
from tests.churn_alert.lives import taken_back
from tests.support.delivering import Delivering
from tests.support.erasing import MARK, erased, found_in
from tests.support.grouping import AS_OF, merge, person, unmerge
from tests.support.serving import Start

BESIDE = frozenset({MARK, "outbox"})


async def test_once_the_file_is_destroyed_that_held_the_persons_leads_the_others_have_their_own_again(
    service: Delivering,
) -> None:
    await tell(service, cash(DAY, "60000.00", "c-1"), cash(DAY, "70000.00", "c-2"), cash(DAY, "80000.00", "c-3"))
    await tell(service, *merge(1, "c-1", "c-2", "c-3"), time=DAY + HOUR)
    assert [(one[0], one[3]) for one in await leads(service)] == [
        ("c-1", "open"),
        ("c-2", "withdrawn"),
        ("c-3", "withdrawn"),
    ]
    await tell(service, erased("c-1"), time=DAY + 2 * HOUR)
    assert await leads(service) == [
        ("c-2", "large-cash", "2025-03-05", "open", 1, 7_000_000),
        ("c-3", "large-cash", "2025-03-05", "open", 1, 8_000_000),
    ]
    assert await found_in(service.runtime.engine, "c-1", beside=BESIDE) == {}
    again = [fact for fact in await told_of(service) if fact["step"] == "found-again"]
    assert sorted(fact["customer_id"] for fact in again) == ["c-2", "c-3"]


async def test_what_people_decided_of_the_person_stands_of_the_file_that_is_left(service: Delivering) -> None:
    await tell(service, cash(DAY, "60000.00", "c-1"), cash(DAY, "70000.00", "c-2"))
    await tell(service, *merge(1, "c-1", "c-2"), time=DAY + HOUR)
    await service.rows_written(
        "UPDATE abnormal_activities SET state = 'referred', decided_by = 'e-1', decided_at = now(), due_at = NULL "
        "WHERE customer_id = 'c-1'"
    )
    decided = "SELECT state, decided_by, decided_at, due_on, due_at, detected_at FROM abnormal_activities"
    (before,) = await service.rows(f"{decided} WHERE is_true")
    await tell(service, erased("c-1"), time=DAY + 2 * HOUR)
    assert await service.rows(decided) == [before]
    assert await true_leads(service) == [("2025-03-05|large-cash|credit|home", 1, 7_000_000)]


async def test_what_only_the_files_together_came_to_is_withdrawn_once_one_is_destroyed(service: Delivering) -> None:
    await tell(service, cash(DAY, "30000.00", "c-1"), cash(DAY, "30000.00", "c-2"))
    await tell(service, *merge(1, "c-1", "c-2"), time=DAY + HOUR)
    assert [one[3] for one in await leads(service)] == ["open"]
    await tell(service, erased("c-2"), time=DAY + 2 * HOUR)
    assert [(one[0], one[3]) for one in await leads(service)] == [("c-1", "withdrawn")]
    assert await steps(service) == ["found", "withdrawn"]


async def test_a_lead_that_is_too_old_to_be_judged_again_is_given_back_with_what_people_decided(
    service: Delivering,
) -> None:
    """Handed over to the survivor while it was fresh; one that was not true before that is nobody's."""
    taken = cash(DAY, "55000.00", "c-3", transaction_no="t-3")
    await tell(service, cash(DAY, "70000.00", "c-1"), cash(DAY, "60000.00", "c-2"), taken)
    await tell(service, taken_back(taken, DAY + HOUR))
    await tell(service, *merge(1, "c-1", "c-2", "c-3"), time=DAY + 2 * HOUR)
    await service.rows_written(
        "UPDATE abnormal_activities SET state = 'referred', decided_by = 'e-1', decided_at = now(), due_at = NULL "
        "WHERE customer_id = 'c-1'"
    )
    later = DAY + timedelta(days=80)
    await tell(service, *(cash(later, "1.00", file, transaction_no="later") for file in ("c-1", "c-2", "c-3")))
    await swept(service)
    await tell(service, erased("c-1"), time=later + HOUR)
    assert await leads(service) == [
        ("c-2", "large-cash", "2025-03-05", "referred", 1, 6_000_000),
        ("c-3", "large-cash", "2025-03-05", "withdrawn", 1, 5_500_000),
    ]
    assert await true_leads(service) == [("2025-03-05|large-cash|credit|home", 1, 6_000_000)]
    (again,) = [fact for fact in await told_of(service) if fact["step"] == "found-again"]
    assert again["customer_id"] == "c-2"
    (decided,) = await service.rows("SELECT decided_by, due_at FROM abnormal_activities WHERE is_true")
    assert tuple(decided) == ("e-1", None)


async def test_those_who_stay_one_customer_are_judged_on_what_is_left_of_it(service: Delivering) -> None:
    for file, amount in (("c-1", "20000.00"), ("c-2", "40000.00"), ("c-3", "70000.00")):
        await tell(service, cash(DAY, amount, file))
    await tell(service, *merge(1, "c-1", "c-2", "c-3"), time=DAY + HOUR)
    await tell(service, erased("c-3"), time=DAY + 2 * HOUR)
    assert await leads(service) == [("c-1", "large-cash", "2025-03-05", "open", 2, 6_000_000)]


async def test_of_who_is_archived_the_files_stay_one_and_the_leads_where_they_are(service: Delivering) -> None:
    await tell(service, cash(DAY, "60000.00", "c-1"), cash(DAY, "70000.00", "c-2"))
    await tell(service, *merge(1, "c-1", "c-2"), time=DAY + HOUR)
    before = await leads(service)
    await tell(service, erased("c-1", "archived"), time=DAY + 2 * HOUR)
    assert await leads(service) == before


async def _after(running: Start, seed: int, *ending: Any) -> list[tuple[Any, ...]]:
    """The leads that are true of c-2 after a life on two files that were one, at the end of which this is told."""
    random, service = Random(seed), await running()
    told = [one.model_copy(update={"customer_id": random.choice(["c-1", "c-2"])}) for one in life(random, days=25)]
    await tell(service, *told[: len(told) // 2])
    await tell(service, *merge(1, "c-1", "c-2"), time=AS_OF)
    await tell(service, *told[len(told) // 2 :])
    end = max(one.occurred_at for one in told) + HOUR
    await tell(service, cash(end, "1.00", transaction_no="end"))
    await swept(service)
    await tell(service, *ending, time=max(end, AS_OF) + HOUR)
    await swept(service)
    assert (await service.counts())["dead_lettered"] == 0
    return await service.rows(
        "SELECT key, count, minor, value, usual FROM abnormal_activities WHERE is_true AND customer_id = 'c-2' "
        "ORDER BY 1"
    )


@pytest.mark.parametrize("seed", [0, 2, 3])  # lives after which c-2 has leads of its own
async def test_what_is_left_is_what_it_would_be_had_the_files_been_separated(running: Start, seed: int) -> None:
    separated = await _after(running, seed, *unmerge(2, person("c-1"), person("c-2")))
    assert await _after(running, seed, erased("c-1")) == separated
    assert separated


async def test_of_files_that_were_forgotten_and_nothing_more_the_others_would_lack_theirs(service: Delivering) -> None:
    """The broken variant: every row of the destroyed file goes, and this room is not asked."""
    await tell(service, cash(DAY, "60000.00", "c-1"), cash(DAY, "70000.00", "c-2"))
    await tell(service, *merge(1, "c-1", "c-2"), time=DAY + HOUR)
    async with service.runtime.engine.begin() as connection:
        await store.forget(connection, [service.runtime.composition.metadata], "destroyed", ["c-1"])
    assert await true_leads(service) == []
    assert [(one[0], one[3]) for one in await leads(service)] == [("c-2", "withdrawn")]
