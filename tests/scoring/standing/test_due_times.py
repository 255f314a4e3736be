"""Due times lie beside the wide rows: written where they change, and what is decided moves no wide row in any index."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.messaging.locks import lock_free_customers
from scoring.standing.handlers import fire_due_standings
from tests.scoring.facts import DAY, MONDAY, deliver, holdings, salary, standing, transaction
from tests.scoring.replaying import sweep
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


async def test_deciding_by_silence_moves_no_wide_row_in_any_index(service: Delivering) -> None:
    now = datetime.now(UTC)
    ids = [f"c-{number}" for number in range(50)]
    await deliver(service, *[holdings(1, "100.00", customer_id=one, at=now) for one in ids])
    await service.rows_written("UPDATE due_times SET due_at = now()")
    async with service.runtime.transactions.begin() as tx:
        free = await lock_free_customers(tx.connection, ids)
        before = {table: await updated(tx.connection, table) for table in ("standings", "due_times")}
        await fire_due_standings(tx, free, rules=service.runtime.composition.state["rules"])
        wide, narrow = [(await updated(tx.connection, table)) - known for table, known in before.items()]
    assert wide["rows"] == narrow["rows"] == len(ids)
    assert wide["in_place"] >= len(ids) / 4, "as many as find room in their page"
    assert narrow["in_place"] == 0


async def test_a_standing_whose_due_time_is_missing_is_not_taken_for_a_new_one(replaying: Delivering) -> None:
    await deliver(replaying, salary(MONDAY))
    await replaying.rows_written("DELETE FROM due_times")
    await deliver(replaying, transaction(MONDAY + DAY))
    row = await standing(replaying)
    assert (row.transactions, row.revision, row.due_at > row.decided_at) == (2, 1, True)
