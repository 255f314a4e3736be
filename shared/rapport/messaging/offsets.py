"""Where a service has read to, and what became of every record: the only place, moved with the effect itself.

Offsets live in the service's own database and nothing is committed to Kafka, so that a position can never be ahead of
its effect. The counts move in the same transaction: `received = applied + duplicate + skipped + dead_lettered + parked`
holds per topic and partition at any instant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import execute
from rapport.errors import NotReady
from rapport.messaging.records import TopicPartition


class Fenced(Exception):
    """The offset row is not where this worker left it: another owns the partition now. Nothing of the poll may stay."""


class OffsetsMissing(NotReady):
    """A subscribed partition has no offset row: `migrate` was not run, so where to begin would be a guess."""


@dataclass(slots=True)
class Counts:
    """What became of the records of one partition within one transaction."""

    received: int = 0
    applied: int = 0
    duplicate: int = 0
    skipped: int = 0
    dead_lettered: int = 0


@dataclass(slots=True)
class Stretch:
    """The records of one partition in one poll: from `expected` up to, not including, `end`."""

    expected: int
    end: int
    log_end: int = 0


# Through SQLAlchemy: the first statement of a poll, with which its transaction begins.
_FENCE = text(
    "SELECT o.topic, o.partition, o.next_offset FROM consumer_offsets o "
    "JOIN unnest(CAST(:topics AS text[]), CAST(:partitions AS smallint[])) AS p(topic, partition) "
    "ON o.topic = p.topic AND o.partition = p.partition ORDER BY o.topic, o.partition FOR UPDATE OF o"
)

_ADVANCE = (
    "UPDATE consumer_offsets o SET next_offset = greatest(o.next_offset, p.next_offset), "
    "log_end_offset = greatest(o.log_end_offset, p.log_end), "
    "received = o.received + p.received, applied = o.applied + p.applied, duplicate = o.duplicate + p.duplicate, "
    "skipped = o.skipped + p.skipped, dead_lettered = o.dead_lettered + p.dead_lettered, advanced_at = now() "
    "FROM unnest($1::text[], $2::smallint[], $3::bigint[], $4::bigint[], $5::int[], $6::int[], $7::int[], $8::int[], "
    "$9::int[]) AS p(topic, partition, next_offset, log_end, received, applied, duplicate, skipped, dead_lettered) "
    "WHERE o.topic = p.topic AND o.partition = p.partition"
)
_UNREAD = Stretch(0, 0)


async def fence(connection: AsyncConnection, stretches: Mapping[TopicPartition, Stretch]) -> None:
    """Lock the offset rows of a poll, sorted, and check that each stands where the poll begins. Raises Fenced."""
    wanted = sorted(stretches)
    found = await connection.execute(
        _FENCE, {"topics": [tp.topic for tp in wanted], "partitions": [tp.partition for tp in wanted]}
    )
    positions = {TopicPartition(topic, partition): offset for topic, partition, offset in found}
    for tp in wanted:
        if positions.get(tp) != stretches[tp].expected:
            raise Fenced(
                f"{tp.topic}/{tp.partition} is at {positions.get(tp)}, this poll begins at {stretches[tp].expected}"
            )


async def advance(
    connection: AsyncConnection, stretches: Mapping[TopicPartition, Stretch], counts: Mapping[TopicPartition, Counts]
) -> None:
    """Move the positions past the poll and add its counts; also of partitions only woken or replayed."""
    rows = sorted(stretches.keys() | counts.keys())
    nothing = Counts()
    read, tally = [stretches.get(tp, _UNREAD) for tp in rows], [counts.get(tp, nothing) for tp in rows]
    await execute(
        connection,
        _ADVANCE,
        [tp.topic for tp in rows],
        [tp.partition for tp in rows],
        [stretch.end for stretch in read],
        [stretch.log_end for stretch in read],
        [count.received for count in tally],
        [count.applied for count in tally],
        [count.duplicate for count in tally],
        [count.skipped for count in tally],
        [count.dead_lettered for count in tally],
    )


async def load_offsets(connection: AsyncConnection, wanted: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
    """The position of each partition. Raises OffsetsMissing, naming those without a row."""
    rows = await connection.execute(text("SELECT topic, partition, next_offset FROM consumer_offsets"))
    positions = {TopicPartition(row.topic, row.partition): row.next_offset for row in rows}
    missing = [tp for tp in wanted if tp not in positions]
    if missing:
        names = ", ".join(sorted({tp.topic for tp in missing}))
        raise OffsetsMissing(f"no position for {len(missing)} partitions of {names}: run `migrate` first")
    return {tp: positions[tp] for tp in wanted}


async def begin_at(connection: AsyncConnection, beginnings: Mapping[TopicPartition, int]) -> int:
    """The explicit first start: write a row for each partition that has none; returns how many were new."""
    rows = sorted(beginnings.items())
    written = await connection.execute(
        text(
            "INSERT INTO consumer_offsets (topic, partition, next_offset) SELECT * FROM "
            "unnest(CAST(:topics AS text[]), CAST(:partitions AS smallint[]), CAST(:offsets AS bigint[])) "
            "ON CONFLICT DO NOTHING RETURNING 1"
        ),
        {
            "topics": [tp.topic for tp, _ in rows],
            "partitions": [tp.partition for tp, _ in rows],
            "offsets": [offset for _, offset in rows],
        },
    )
    return len(written.all())


_ACCOUNTING = text(
    "SELECT o.topic, o.partition, o.next_offset, o.log_end_offset, "
    "greatest(o.log_end_offset - o.next_offset, 0) AS lag, "
    "o.received, o.applied, o.duplicate, o.skipped, o.dead_lettered, coalesce(p.parked, 0) AS parked, "
    "o.received = o.applied + o.duplicate + o.skipped + o.dead_lettered + coalesce(p.parked, 0) AS balances "
    "FROM consumer_offsets o LEFT JOIN (SELECT topic, partition, count(*) AS parked FROM parked GROUP BY 1, 2) p "
    "ON p.topic = o.topic AND p.partition = o.partition ORDER BY o.topic, o.partition"
)


async def accounting(connection: AsyncConnection) -> Sequence[RowMapping]:
    """Per topic and partition: position, lag, the six counts and whether they balance; from one snapshot."""
    return (await connection.execute(_ACCOUNTING)).mappings().all()


async def stream_positions(connection: AsyncConnection) -> dict[int, datetime]:
    """How far the stream time of each partition has come."""
    rows = await connection.execute(text("SELECT partition, position FROM stream_clocks"))
    return {row.partition: row.position for row in rows}


async def move_clocks(connection: AsyncConnection, positions: Mapping[int, datetime]) -> None:
    """Let the stream time of these partitions stand there, where it is not further already."""
    if positions:
        await connection.execute(
            text(
                "INSERT INTO stream_clocks (partition, position) SELECT * FROM "
                "unnest(CAST(:partitions AS smallint[]), CAST(:positions AS timestamptz[])) ON CONFLICT (partition) "
                "DO UPDATE SET position = greatest(stream_clocks.position, excluded.position)"
            ),
            {"partitions": sorted(positions), "positions": [positions[p] for p in sorted(positions)]},
        )
