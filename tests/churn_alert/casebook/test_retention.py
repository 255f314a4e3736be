"""Months are counted once, as a recount has them; what becomes known late is counted beside; a replay is a life."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from random import Random
from typing import Any

import httpx
import pytest

from churn_alert.casebook.domain.retention import Counts, Month
from rapport.messaging.transaction import Transaction
from tests.churn_alert.casebook.recounting import ZONE, count, latest, recount, recounted, whole_lives
from tests.churn_alert.lifecycle.test_api import lives, strangers
from tests.churn_alert.lifecycle.test_handlers import LATER, hear, pass_until, pays
from tests.churn_alert.lives import DAY, START, Heard, paid
from tests.support.delivering import Delivering
from tests.support.grouping import merge, person, unmerge
from tests.support.serving import Start


async def test_every_month_that_is_over_is_counted_as_a_recount_has_it(service: Delivering) -> None:
    moved = await whole_lives(service)
    await count(service)
    found = await latest(service)
    wanted = recount(moved, LATER)
    assert found == {key: counts for key, counts in wanted.items() if key[1] == "all" or sum(counts)}
    assert any(counts.lost for counts in found.values())
    assert any(counts.won_back for counts in found.values())
    assert max(month for month, *_ in found) < Month.of(LATER, ZONE).first, "this month is not over"


async def test_began_is_kept_and_lost_and_an_end_is_the_next_beginning(service: Delivering) -> None:
    await whole_lives(service, seed=8)
    await count(service)
    found = await latest(service, "all", "stage", "tier", "segment", "channel")
    assert all(counts.began == counts.kept + counts.lost for counts in found.values())
    whole = [counts for key, counts in sorted(found.items()) if key[1] == "all"]
    for before, after in pairwise(whole):
        assert before.kept + before.won_back + before.joined == after.began
    for division in ("stage", "tier", "segment", "channel"):
        for month, _, _ in [key for key in found if key[1] == "all"]:
            parts = [counts for key, counts in found.items() if key[:2] == (month, division)]
            summed = Counts(*(sum(cells) for cells in zip(*parts, strict=True))) if parts else Counts(0, 0, 0, 0, 0)
            assert summed == found[month, "all", ""]


async def test_counting_again_writes_nothing(service: Delivering) -> None:
    await whole_lives(service, customers=3)
    await count(service)
    before = await service.rows("SELECT * FROM retention_months")
    await count(service)
    assert await service.rows("SELECT * FROM retention_months") == before


async def test_a_late_posting_is_a_higher_revision_and_the_old_row_stays(
    service: Delivering, reader: httpx.AsyncClient
) -> None:
    await hear(service, *pays("c-1", range(0, 100, 5)))
    await pass_until(service, START + 300 * DAY, "c-1")
    await count(service)
    before = await latest(service)
    assert sum(counts.lost for key, counts in before.items() if key[1] == "all") == 1
    # Told late, of before the loss: it never was.
    days = range(120, 300, 20)
    await hear(service, *(paid("c-1", START + day * DAY, transaction_no=f"late-{day}") for day in days))
    await count(service)
    after = await latest(service)
    assert after == {key: counts for key, counts in (await recounted(service)).items() if key in after}
    (lost_in,) = [month for (month, division, _), counts in before.items() if division == "all" and counts.lost]
    rows = await service.rows(
        "SELECT revision, lost FROM retention_months WHERE month = :month AND division = 'all' ORDER BY 1",
        month=lost_in,
    )
    assert [tuple(row) for row in rows] == [(1, 1), (2, 0)]
    shown = (await reader.get("/retention", params={"revisions": True, "from": f"{lost_in:%Y-%m}"})).json()["months"]
    assert [(one["revision"], one["lost"]) for one in shown if one["month"] == f"{lost_in:%Y-%m}"] == [(1, 1), (2, 0)]
    # Counted anew from nothing it is the same.
    await service.rows_written("DELETE FROM retention_months")
    await count(service)
    assert await latest(service, "all") == {key: counts for key, counts in after.items() if key[1] == "all"}


async def test_who_was_merged_when_a_month_was_counted_is_never_taken_from_it(
    service: Delivering,
) -> None:
    await hear(service, *pays("c-1", range(0, 100, 5)), *pays("c-2", range(0, 100, 5)))
    await service.deliver(*map(service.feed.record, merge(1, "c-1", "c-2")))
    await pass_until(service, START + 120 * DAY, "c-1", "c-2")
    await count(service)
    before = await latest(service)
    assert max(counts.began for counts in before.values()) == 1
    await service.deliver(*map(service.feed.record, unmerge(2, person("c-1"), person("c-2"))))
    # Both are lost as of a moment that was counted.
    await service.rows_written(
        "INSERT INTO lifecycle_transitions (customer_id, revision, previous, stage, rule, cause, happened_at, "
        "known_at, rules_version) SELECT customer_id, max(revision) + 1, 'new', 'lost', 'late', 'event', "
        f"'{START + 40 * DAY}', now(), 1 FROM lifecycle_transitions GROUP BY 1"
    )
    await count(service)
    after = await latest(service)
    assert all(cell >= 0 for counts in after.values() for cell in counts)
    whole = {month: (before[month, "all", ""], after[month, "all", ""]) for month, by, _ in before if by == "all"}
    lost = [(then.lost, now.lost) for then, now in whole.values()]
    assert sum(now - then for then, now in lost) == 1, "of the person that was counted, and not of both files"
    assert sum(then.began - now.began for then, now in whole.values()) > 0


async def test_a_replay_of_all_at_once_gives_the_months_of_a_life(running: Start) -> None:
    life, replay = await running("stream"), await running("stream")
    random, names = Random(11), strangers(4)
    heard = sorted((one for name in names for one in lives(random, name)), key=lambda one: one.at)
    for place in range(0, len(heard), 12):
        await hear(life, *(one.event for one in heard[place : place + 12]))
        await count(life)
    for name in names:
        await hear(replay, *(one.event for one in heard if _of(one) == name))
    for service in (life, replay):
        await pass_until(service, LATER, *names)
        await count(service)
    assert await latest(life) == await latest(replay)


def _of(one: Heard) -> str:
    customer_id: str = one.event.customer_id  # type: ignore[attr-defined]
    return customer_id


class _Failing:
    """Transactions that end with the process before the n-th is begun."""

    def __init__(self, service: Delivering, after: int) -> None:
        self._transactions, self._left = service.runtime.transactions, after
        self.service = self._transactions.service

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        if not self._left:
            raise ConnectionError
        self._left -= 1
        async with self._transactions.begin() as tx:
            yield tx


async def test_who_is_stopped_between_two_months_goes_on_where_it_was(service: Delivering) -> None:
    moved = await whole_lives(service, customers=3)
    for stop in (3, 2, 5):
        transactions: Any = _Failing(service, stop)
        with pytest.raises(ConnectionError):
            await count(service, transactions=transactions)
    await count(service)
    assert await latest(service, "all") == {k: v for k, v in recount(moved, LATER).items() if k[1] == "all"}


async def test_while_one_counts_another_does_nothing(service: Delivering) -> None:
    await whole_lives(service, customers=2)
    async with service.runtime.transactions.begin() as tx:
        from churn_alert.casebook.store.looks import claim

        assert await claim(tx.connection) is not None
        await count(service)
        assert await service.rows("SELECT * FROM retention_months") == []
    await count(service)
    assert await service.rows("SELECT * FROM retention_months") != []
