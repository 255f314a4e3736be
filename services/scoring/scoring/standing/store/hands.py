"""What people did to tiers, each with its place in the log of events; appended, never altered."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    SmallInteger,
    Table,
    Text,
    Uuid,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.events.base import AnyReceived
from rapport.privacy.catalogue.columns import entry
from scoring.standing.domain.hands import Hand
from scoring.standing.domain.people import Override
from scoring.standing.store.standings import standings
from scoring.tables import MOMENT, metadata

hands = Table(
    "hands",
    metadata,
    Column("hand_id", BigInteger, Identity(), primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("known_at", MOMENT, nullable=False),
    Column("due_at", MOMENT),
    Column("override_id", Uuid),
    Column("override_tier", Text),
    Column("override_until", MOMENT),
    Column("people_only", Boolean, nullable=False),
    Column("consent_refused", Boolean, nullable=False, server_default="false"),
    Column("is_restricted", Boolean, nullable=False, server_default="false"),
    # By topic, of the customer's partition: what is before this offset had been handled.
    Column("offsets", JSONB, nullable=False),
    Index("hands_by_partition", "partition", "hand_id"),
    Index("hands_by_customer", "customer_id"),
    info=entry("override-and-appeal"),
)

_REACHED = text("SELECT topic, partition, next_offset FROM consumer_offsets WHERE partition = ANY(:partitions)")
_IS_KEPT = select(hands.c.hand_id).where(
    hands.c.partition == standings.c.partition,
    hands.c.customer_id == standings.c.customer_id,
    hands.c.at == standings.c.people_since,
)
_UNKEPT = select(standings.c.customer_id).where(standings.c.people_since.is_not(None), ~_IS_KEPT.exists())


class KeptHand(NamedTuple):
    """A hand with its place: in each topic, the offset up to which events had come before it."""

    hand: Hand
    offsets: Mapping[str, int]

    def is_before(self, event: AnyReceived) -> bool:
        """Had people done it when this event of the same customer came?"""
        return event.offset >= self.offsets.get(event.topic, 0)


async def keep_hands(
    connection: AsyncConnection,
    done: Sequence[Hand],
    *,
    known_at: datetime,
    partition_of: Callable[[str], int],
    ends: Mapping[tuple[str, int], int],
) -> None:
    """Append these, whose customers are locked; `ends`: by topic and partition,
    where the poll ends that the same transaction handles."""
    if not done:
        return
    reached: dict[int, dict[str, int]] = {partition_of(one.customer_id): {} for one in done}
    for topic, partition, offset in await connection.execute(_REACHED, {"partitions": list(reached)}):
        reached[partition][topic] = max(offset, ends.get((topic, partition), 0))
    rows = [
        {
            "customer_id": one.customer_id,
            "partition": (partition := partition_of(one.customer_id)),
            "at": one.at,
            "known_at": known_at,
            "due_at": one.due_at,
            **dict(zip(("override_id", "override_tier", "override_until"), one.override or (None,) * 3, strict=True)),
            "people_only": one.automation_refused,
            "consent_refused": one.consent_refused,
            "is_restricted": one.is_restricted,
            "offsets": reached[partition],
        }
        for one in done
    ]
    await connection.execute(insert(hands), rows)


async def hands_in(connection: AsyncConnection, partition: int, until: datetime) -> list[KeptHand]:
    """What people did in a partition of Kafka up to `until` by the clock on the wall, in order; without customers of
    `unkept`: half of what people did is nobody's history."""
    there = (hands.c.partition == partition) & (hands.c.known_at <= until)
    others = await unkept(connection, partition)
    found = await connection.execute(select(hands).where(there).order_by(hands.c.hand_id))
    return [
        KeptHand(
            Hand(
                row.customer_id,
                row.at,
                row.due_at,
                row.override_id and Override(row.override_id, row.override_tier, row.override_until),
                row.people_only,
                row.consent_refused,
                row.is_restricted,
            ),
            row.offsets,
        )
        for row in found
        if row.customer_id not in others
    ]


async def unkept(connection: AsyncConnection, partition: int) -> set[str]:
    """Customers of a partition whom people had a hand in before hands were kept."""
    return set((await connection.execute(_UNKEPT.where(standings.c.partition == partition))).scalars())
