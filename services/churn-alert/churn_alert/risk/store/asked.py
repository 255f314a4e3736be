"""Persons to be decided for what came on files merged into theirs, and what of it speaks against doing anything."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import execute
from rapport.person.asking import take_rows

Objection = Literal["consent-refused", "restricted"]
ANOTHER: Literal["another-purpose"] = "another-purpose"
"""Kept in its place of a no to another purpose than warnings rest on: nothing is decided of the risk for it."""

_ASK = (
    "INSERT INTO person_due_times (customer_id, partition, due_at, event_id, objection) "
    "SELECT * FROM unnest($1::text[], $2::smallint[], $3::timestamptz[], $4::uuid[], $5::text[])"
)
_FORGET = "UPDATE person_due_times SET objection = NULL WHERE customer_id = ANY($1::text[]) AND objection IS NOT NULL"


class Objected(NamedTuple):
    """From when on a person is to be left alone, and why."""

    at: datetime
    objection: Objection


class AskedPerson(NamedTuple):
    """To be decided as of `at`, for the latest event of those that asked. `objected`: the first word among them by
    which the person is to be left alone, whatever came after it. `said_at`: of the first no to any purpose, or of that
    word. `has_risk`: of the risk too; for a no to another purpose alone that is as it was.
    """

    at: datetime
    event_id: UUID
    objected: Objected | None = None
    said_at: datetime | None = None
    has_risk: bool = True

    @property
    def heeded_at(self) -> datetime:
        """As of when what is done for the person ends, where anything speaks against it."""
        return self.said_at or self.at


async def ask_with_words(
    connection: AsyncConnection,
    asked: Sequence[tuple[str, int, datetime, UUID, Objection | Literal["another-purpose"] | None]],
) -> None:
    """Have these survivors decided for a word each: customer, partition, as of when, for which event, and what it has
    against doing anything for the person.
    """
    if asked:
        await execute(connection, _ASK, *zip(*asked, strict=True))


async def take_persons(connection: AsyncConnection, clocks: Mapping[str, datetime]) -> dict[str, AskedPerson]:
    """Who of these, who are held, was to be decided by now; see `take_asked`."""
    taken: dict[str, AskedPerson] = {}
    for row in await take_rows(connection, clocks):
        customer_id, word = row["customer_id"], row["objection"]
        one = AskedPerson(row["due_at"], row["event_id"], has_risk=word != ANOTHER)
        before = taken.get(customer_id, one)
        latest = before if before.has_risk and not one.has_risk else one
        objected = before.objected or (Objected(one.at, word) if word and one.has_risk else None)
        said_at = before.said_at or (one.at if word else None)
        taken[customer_id] = latest._replace(objected=objected, said_at=said_at)
    return taken


async def forget_objections(connection: AsyncConnection, customer_ids: Collection[str]) -> None:
    """What asked of these survivors is of nobody's word any more: they are of other files than when it came."""
    await execute(connection, _FORGET, sorted(customer_ids))
