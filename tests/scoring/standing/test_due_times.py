"""Due times and what silence decided lie beside the wide rows, which events alone write and those who change tier."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.messaging.locks import lock_free_customers
from rapport.row_security import ALL
from scoring.standing.handlers import fire_due_standings
from scoring.standing.store.book import schedules
from scoring.standing.store.reading import page_of_standings
from scoring.standing.store.standings import load
from tests.scoring.facts import DAY, MONDAY, deliver, holdings, salary, standing, transaction
from tests.scoring.replaying import reach, sweep
from tests.support.delivering import Delivering

WRITTEN = "SELECT xmin::text, xmax::text, ctid::text, due_at FROM due_times"
UPDATED = text(
    "SELECT pg_stat_get_xact_tuples_updated(to_regclass(:name)), "
    "pg_stat_get_xact_tuples_hot_updated(to_regclass(:name))"
)


async def updated(connection: AsyncConnection, table: str) -> Counter[str]:
    """Rows of a table that were updated, as far as this connection knows, and those in place: in no index again."""
    rows, in_place = (await connection.execute(UPDATED, {"name": table})).one()
    return Counter(rows=rows, in_place=in_place)


async def test_a_due_time_that_stays_is_neither_written_nor_locked(replaying: Delivering) -> None:
    await deliver(replaying, salary(MONDAY))
    before, row = await replaying.rows(WRITTEN), await standing(replaying)
    await deliver(replaying, transaction(MONDAY + timedelta(hours=1)))
    assert (await standing(replaying)).decided_at > row.decided_at
    assert await replaying.rows(WRITTEN) == before


async def test_a_due_time_that_an_event_changes_is_written_with_it(replaying: Delivering) -> None:
    await deliver(replaying, salary(MONDAY))
    before = await standing(replaying)
    await deliver(replaying, transaction(before.due_at + DAY))
    after = await standing(replaying)
    assert before.due_at < after.decided_at < after.due_at
    assert await sweep(replaying) == 0, "what fell due before the event was decided before it"


async def test_deciding_by_silence_writes_no_wide_row_of_who_stays(service: Delivering) -> None:
    now = datetime.now(UTC)
    ids = [f"c-{number}" for number in range(50)]
    await deliver(service, *[holdings(1, "100.00", customer_id=one, at=now) for one in ids])
    await service.rows_written("UPDATE due_times SET due_at = now()")
    async with service.runtime.transactions.begin() as tx:
        free = await lock_free_customers(tx.connection, ids)
        before = {table: await updated(tx.connection, table) for table in ("standings", "due_times")}
        await fire_due_standings(tx, free, rules=service.runtime.composition.state["rules"])
        wide, narrow = [(await updated(tx.connection, table)) - known for table, known in before.items()]
    assert (wide["rows"], narrow["rows"]) == (0, len(ids))
    for one in ids:
        row = await standing(service, one)
        assert now < row.decided_at < row.due_at


async def test_what_silence_decided_is_what_is_read_until_an_event_decides_again(replaying: Delivering) -> None:
    await deliver(replaying, salary(MONDAY))
    first = await standing(replaying)
    await reach(replaying, first.due_at + timedelta(hours=1))
    silent = await standing(replaying)
    assert (silent.decided_at, silent.revision) == (first.due_at, first.revision)
    async with replaying.runtime.transactions.begin() as tx:
        (read,) = (await load(tx.connection, ["c-1"])).values()
        (listed,) = await page_of_standings(tx.connection, tier=None, people_only=None, after=None, limit=9, sight=ALL)
        (planned,) = await schedules(tx.connection, ["c-1"])
    for seen in (read, listed):
        assert (seen.points, seen.decided_at) == (silent.points, silent.decided_at)
    assert planned.decided_at == silent.decided_at
    await deliver(replaying, transaction(silent.decided_at + 2 * DAY))
    (beside,) = await replaying.rows("SELECT points, decided_at FROM due_times WHERE customer_id = 'c-1'")
    assert (*beside, (await standing(replaying)).decided_at) == (None, None, silent.decided_at + 2 * DAY)


async def test_a_standing_whose_due_time_is_missing_is_not_taken_for_a_new_one(replaying: Delivering) -> None:
    await deliver(replaying, salary(MONDAY))
    await replaying.rows_written("DELETE FROM due_times")
    await deliver(replaying, transaction(MONDAY + DAY))
    row = await standing(replaying)
    assert (row.transactions, row.revision, row.due_at > row.decided_at) == (2, 1, True)
