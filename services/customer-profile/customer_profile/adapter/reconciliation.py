"""A core's own list of a day against what was told of it; what is missing goes onto the raw topic once more.

So it takes the way that every record takes: known again if it comes after all, parked if its account is not known,
counted. Nothing is told around delivery.
"""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from aiokafka import AIOKafkaProducer
from rich.console import Console
from rich.progress import track

from customer_profile.adapter.domain.mapping import day_end
from customer_profile.adapter.domain.postings import Number
from customer_profile.adapter.domain.reconciling import Findings, compare
from customer_profile.adapter.records import CoreRecord, RawReader
from customer_profile.adapter.store.postings import known_postings, numbers_between, parked_among
from rapport.composition import Runtime
from rapport.events.bank import TransactionRecorded
from rapport.ids import derived_id
from rapport.messaging.clients import producer, stop
from rapport.messaging.decoding import Foreign
from rapport.messaging.records import RawRecord

BATCH = 5000


class Listed(NamedTuple):
    """A posting of the list: its content, the event it would be, and the record it came from."""

    content: bytes
    event_id: UUID
    line: bytes


class Reconciliation:
    """One core's day. `faulty`: numbers of lines that cannot be read; `passed_over`: how many are not of the day."""

    def __init__(self, runtime: Runtime, reader: RawReader, topic: str, day: date) -> None:
        self.runtime = runtime
        self.title = f"{reader.adapter.source}, {day}"
        self.faulty: list[int] = []
        self.passed_over = 0
        self._reader = reader
        self._topic = topic
        self._ends = day_end(day, reader.adapter.zone)
        self._begins = day_end(day - timedelta(days=1), reader.adapter.zone)
        self._listed: dict[Number, Listed] = {}

    async def compare(self, console: Console, lines: Sequence[bytes]) -> Findings:
        """What the list and the service agree on, and what not; with a bar on the console."""
        for number, line in enumerate(track(lines, f"reading {len(lines):,} records", console=console), start=1):
            self._read(number, line)
        numbers = sorted(self._listed)
        told: dict[Number, bytes] = {}
        parked: set[Number] = set()
        async with self.runtime.engine.connect() as connection:
            of_day = await numbers_between(connection, self._reader.adapter.source, self._begins, self._ends)
            for begin in track(range(0, len(numbers), BATCH), "asking the database", console=console):
                batch = numbers[begin : begin + BATCH]
                known = await known_postings(connection, batch)
                told |= {number: posting.content for number, posting in known.items()}
                events = {self._listed[number].event_id: number for number in batch if number not in known}
                parked |= {events[found] for found in await parked_among(connection, list(events))}
        return compare({number: one.content for number, one in self._listed.items()}, told, of_day, parked)

    def _read(self, number: int, line: bytes) -> None:
        foreign, record = read_line(self._reader, self._topic, number, line)
        if foreign is None or record is None:
            return
        if record.faults:
            self.faulty.append(number)
        elif not isinstance(record.fact, TransactionRecorded) or not self._begins <= foreign.time < self._ends:
            self.passed_over += 1
        else:
            identifier = derived_id(foreign.time, foreign.source, foreign.identifier)
            self._listed[record.number] = Listed(foreign.fingerprint, identifier, line)

    async def publish(self, untold: Sequence[Number]) -> int:
        """Put these records of the list on the raw topic; returns how many."""
        return await put_on_topic(self.runtime, self._reader, self._topic, [self._listed[n].line for n in untold])


def read_line(reader: RawReader, topic: str, number: int, line: bytes) -> tuple[Foreign | None, CoreRecord | None]:
    """What a line of a list would be as a record of the topic; None: no fact for us."""
    foreign = reader(RawRecord(topic, 0, number, 0, None, line, []))
    return foreign, foreign.event if foreign and isinstance(foreign.event, CoreRecord) else None


async def put_on_topic(runtime: Runtime, reader: RawReader, topic: str, lines: Sequence[bytes]) -> int:
    """Send these records of a list to the raw topic, keyed as the core keys them; returns how many."""
    if not lines:
        return 0
    client: AIOKafkaProducer | None = None
    try:
        client = producer(runtime.settings.kafka, name="customer-profile-reconcile")
        await client.start()
        adapter = reader.adapter
        for begin in range(0, len(lines), BATCH):
            batch = lines[begin : begin + BATCH]
            keys = [str(adapter.key.of(adapter.parse(line))).encode() for line in batch]
            sent = [await client.send(topic, line, key=key) for key, line in zip(keys, batch, strict=True)]
            await asyncio.gather(*sent)
        return len(lines)
    finally:
        await stop(client)
