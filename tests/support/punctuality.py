"""Which jobs and upkeep of a service decide on a customer while something that has come still waits."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import text

from rapport.composition import Runtime
from rapport.messaging.observer import Observer
from rapport.messaging.transaction import Transactions
from tests.support.delivering import Delivering

_WAITS = "SELECT event_id FROM events_ahead WHERE customer_id = :customer"
_AGAIN = (
    "INSERT INTO events_ahead SELECT (jsonb_populate_record(NULL::events_ahead, "
    "CAST(:row AS jsonb) || jsonb_build_object('event_id', gen_random_uuid()))).*"
)


class Walked(NamedTuple):
    """By name: the works that altered a row of the customer's; and of these, those that did so too early."""

    altered: set[str]
    too_early: set[str]


async def walk(service: Delivering, customer: str, undone: Sequence[str] = ()) -> Walked:
    """Do every job and all upkeep of the service, each while an event of this customer waits whose time has come.

    One waits already. `undone`: statements that leave each of them something to do.
    """
    (waits,) = await service.rows("SELECT to_jsonb(e)::text AS row FROM events_ahead e")
    walked = Walked(set(), set())
    composition = service.runtime.composition
    for work in (*composition.upkeep, *composition.jobs.values()):
        await service.rows_written(*undone, "DELETE FROM events_ahead")
        async with service.runtime.engine.begin() as connection:
            await connection.execute(text(_AGAIN), {"row": waits.row})
        before = await _rows_of(service, customer)
        await _done(work, service.runtime.transactions)
        if await _rows_of(service, customer) != before:
            walked.altered.add(_name(work))
            if await service.rows(_WAITS, customer=customer):
                walked.too_early.add(_name(work))
    return walked


def forgetful(service: Delivering) -> Delivering:
    """The same service, in which nothing comes first."""
    runtime = service.runtime
    composition = replace(runtime.composition, comes_first=None)
    return Delivering(Runtime(composition, runtime.settings, role="worker", observer=Observer()))


async def _done(work: Callable[[Transactions], Awaitable[Any]], transactions: Transactions) -> None:
    for _ in range(5):
        if not await work(transactions):
            return


def _name(work: Any) -> str:
    return getattr(work, "func", work).__name__


async def _rows_of(service: Delivering, customer: str) -> list[Any]:
    """All that the service keeps of the customer, but what waits."""
    found: list[Any] = []
    for table in service.runtime.composition.metadata.sorted_tables:
        if "customer_id" in table.columns and table.name != "events_ahead":
            sql = f"SELECT to_jsonb(t)::text AS row FROM {table.name} t WHERE customer_id = :customer ORDER BY 1"
            found += [(table.name, row.row) for row in await service.rows(sql, customer=customer)]
    return found
