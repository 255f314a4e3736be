"""Where months begin, what holds them up, and how what becomes known late is put in: page by page, persons too."""

from datetime import date, timedelta
from typing import Any

import pytest

from churn_alert.casebook import counting
from tests.churn_alert.casebook.conftest import NOTHING
from tests.churn_alert.casebook.recounting import ZONE, count, latest, recounted
from tests.churn_alert.casebook.test_retention import _Failing
from tests.churn_alert.lifecycle.living import account
from tests.churn_alert.lifecycle.test_handlers import hear, pass_until, pays
from tests.churn_alert.lives import DAY, START, paid
from tests.support.delivering import Delivering
from tests.support.grouping import merge

_LAST = "SELECT max(revision) AS revision FROM retention_months WHERE division = 'all'"
_HELD_UP = "rapport_churn_retention_held_up"


async def test_months_begin_with_the_first_who_does_anything_whatever_day_an_account_is_said_to_be_opened(
    service: Delivering,
) -> None:
    """Of an account without a known day cores say the first of all: once 1,500 empty months were counted for it."""
    await hear(service, account("c-1").model_copy(update={"opened_on": date(1, 1, 1)}), *pays("c-1", range(0, 100, 5)))
    await pass_until(service, START + 120 * DAY, "c-1")
    await count(service)
    assert min(month for month, *_ in await latest(service)) == START.astimezone(ZONE).date().replace(day=1)


async def test_months_go_back_no_further_than_anybodys_record_does(service: Delivering) -> None:
    await hear(service, *pays("c-1", range(0, 100, 5)))
    await pass_until(service, START + 120 * DAY, "c-1")
    await service.rows_written("UPDATE lifecycle_transitions SET happened_at = '1901-01-01' WHERE revision = 1")
    await count(service)
    assert min(month for month, *_ in await latest(service)).year > 1970


async def told_late(service: Delivering, *names: str) -> None:
    """They never were silent, as becomes known now."""
    days = range(120, 300, 20)
    await hear(
        service, *(paid(one, START + day * DAY, transaction_no=f"late-{one}-{day}") for day in days for one in names)
    )
    await pass_until(service, START + 301 * DAY, *names)


async def counted_lost(service: Delivering, *names: str) -> None:
    """They are, in a month that is counted."""
    await pass_until(service, START + 300 * DAY, *names)
    await count(service)
    assert sum(one.lost for one in (await latest(service, "all")).values()) > 0


@pytest.mark.parametrize("stop", [1, 2, 3])
async def test_a_correction_that_is_stopped_between_two_pages_goes_on_where_it_was(
    service: Delivering, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    monkeypatch.setattr(counting, "_PAGE", 1)
    await hear(service, *pays("c-1", range(0, 100, 5)), *pays("c-2", range(0, 100, 5)))
    await counted_lost(service, "c-1", "c-2")
    await told_late(service, "c-1")
    transactions: Any = _Failing(service, stop)
    with pytest.raises(ConnectionError):
        await count(service, transactions=transactions)
    (look,) = await service.rows("SELECT correcting_month FROM retention_looks")
    assert look.correcting_month is not None, "it is in the midst of it"
    months = await service.rows("SELECT max(month) AS last FROM retention_months")
    # What becomes known meanwhile is of the next correction.
    await told_late(service, "c-2")
    await count(service)
    await count(service)
    (look,) = await service.rows("SELECT correcting_month, correcting_since, correcting_before FROM retention_looks")
    assert tuple(look) == (None, None, None)
    wanted = await recounted(service)
    found = await latest(service, "all")
    assert found == {key: counts for key, counts in wanted.items() if key in found}
    assert max(month for month, *_ in found) >= months[0].last
    assert sum(one.lost for one in found.values()) == 0


async def test_what_becomes_known_late_of_a_merged_file_corrects_the_month_of_its_person(service: Delivering) -> None:
    """As of one file: once nobody who was ever merged was corrected."""
    await hear(service, *pays("c-1", range(0, 100, 5)), *pays("c-2", range(0, 100, 5)))
    await service.deliver(*map(service.feed.record, merge(1, "c-1", "c-2")))
    await counted_lost(service, "c-1", "c-2")
    before = await latest(service, "all")
    await hear(service, paid("c-2", START + 250 * DAY, transaction_no="late"))
    await pass_until(service, START + 301 * DAY, "c-1", "c-2")
    await count(service)
    after = await latest(service, "all")
    wanted = await recounted(service, of="c-1")
    assert after == {key: counts for key, counts in wanted.items() if key in after}
    back = [sum(one.won_back for one in found.values()) for found in (before, after)]
    assert back == [0, 1], "once, and not of both files"
    assert (await service.rows(_LAST))[0].revision == 2


async def test_of_a_month_of_before_it_was_kept_who_was_merged_nobody_of_a_merge_is_taken(service: Delivering) -> None:
    await hear(service, *pays("c-1", range(0, 100, 5)), *pays("c-2", range(0, 100, 5)))
    await service.deliver(*map(service.feed.record, merge(1, "c-1", "c-2")))
    await counted_lost(service, "c-1", "c-2")
    before = await latest(service, "all")
    await service.rows_written("UPDATE retention_months SET knows_merged = false")
    await told_late(service, "c-2")
    await count(service)
    after = await latest(service, "all")
    assert {key: after[key] for key in before} == before


async def test_one_customer_who_cannot_be_fired_holds_the_months_up_for_a_while_and_not_for_ever(
    service: Delivering, capsys: pytest.CaptureFixture[str]
) -> None:
    await hear(service, *pays("c-1", range(0, 100, 5)), *pays("c-bad", range(0, 100, 5)))
    await pass_until(service, START + 120 * DAY, "c-1", "c-bad")
    await service.rows_written(f"UPDATE lifecycles SET due_at = '{START + 10 * DAY}' WHERE customer_id = 'c-bad'")
    held_up = next(one for one in service.runtime.composition.figures if one.name == _HELD_UP)

    async def figure() -> float:
        async with service.runtime.engine.connect() as connection:
            return (await held_up.read(connection))[()]

    for _ in range(2):
        await count(service, patience=timedelta(hours=1))
        assert await latest(service) == {}, "the sweep may be at it"
        assert await figure() == 1
    await count(service, patience=NOTHING)
    found = await latest(service, "all")
    assert max(month for month, *_ in found) == date(2025, 4, 1), "no month waits for a row that was given up"
    assert max(counts.began for counts in found.values()) == 2, "by the stage that is known"
    assert await figure() == 1
    assert "customers are due whom no sweep has fired" in "".join(capsys.readouterr())
    await service.rows_written("UPDATE lifecycles SET due_at = NULL")
    await hear(service, *pays("c-1", range(121, 160, 5)))
    await count(service)
    assert await figure() == 0


async def test_many_who_are_due_are_waited_for_since_it_is_the_sweep_that_is_ill(
    service: Delivering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "_FEW", 1)
    names = ("c-1", "c-2")
    await hear(service, *(one for name in names for one in pays(name, range(0, 100, 5))))
    await pass_until(service, START + 120 * DAY, *names)
    await service.rows_written(f"UPDATE lifecycles SET due_at = '{START + 10 * DAY}'")
    for _ in range(3):
        await count(service, patience=NOTHING)
    assert await latest(service) == {}


async def test_while_silence_is_judged_only_so_far_nobody_who_is_due_later_is_late(service: Delivering) -> None:
    await hear(service, *pays("c-1", range(0, 100, 5)))
    await pass_until(service, START + 120 * DAY, "c-1")
    await service.rows_written(f"UPDATE lifecycles SET due_at = '{START + 10 * DAY}'")

    async def limits(*_: Any) -> dict[int, Any]:
        return {0: START + 9 * DAY}

    for _ in range(3):
        await count(service, patience=NOTHING, limits=limits)
    assert await latest(service) == {}
