"""Four services on a log of their own, and events on files that come in while people merge and separate these."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from aiokafka import AIOKafkaProducer

from deploy.local.connections import Connections
from rapport.events.bank import FeedbackSubmitted, InteractionRecorded, TransactionRecorded
from rapport.events.base import Event
from rapport.events.catalogue import topics as all_topics
from rapport.ids import new_id
from simulator.marks import SOURCES
from simulator.publisher import publish
from simulator.wire import Record, Wire
from tests.churn_alert.lives import used
from tests.customer_profile.facts import customer
from tests.e2e.comparing import Comparison
from tests.e2e.conserving import Book
from tests.e2e.merging import Merging, People
from tests.e2e.system import PARTITIONS, SERVICES, System
from tests.feedback.said import submitted
from tests.scoring.facts import reversal, salary, transaction
from tests.support.stack import FreshDatabase, Topics
from tests.support.tokens import ISSUER, TestIssuer

_KINDS = (TransactionRecorded, InteractionRecorded, FeedbackSubmitted)
_BEGAN = datetime.now(UTC) - timedelta(days=200)
_LASTS = timedelta(days=90)
_LATE, _LATE_AMONG = timedelta(days=40), 0.1


@asynccontextmanager
async def four_services(
    stack: Connections, topics: Topics, database: Callable[[str], FreshDatabase], issuer: TestIssuer, folder: Path
) -> AsyncIterator[System]:
    """As they are composed, in wall time."""
    letters = [f"{name.replace('_', '-')}.dead-letter" for name in SERVICES]
    prefix = await topics.make([*(event.name for event in all_topics()), *letters], partitions=PARTITIONS)
    system = System(stack, prefix, auth={"issuer": ISSUER, "jwks": str(issuer.write_jwks(folder))})
    try:
        for name in SERVICES:
            await system.add(name, database(name), max_poll_records=50, mode="wall")
        yield system
    finally:
        await system.close()


@dataclass
class Load:
    """Events on any of these files, `total` of them over 90 days; what is said is booked.

    Some postings are told late, up to 40 days after they happened, and some are taken back later, each once.
    """

    system: System
    producer: AIOKafkaProducer
    files: Sequence[str]
    total: int
    book: Book = field(default_factory=Book)
    made: int = 0
    late: int = 0
    taken_back: int = 0

    def __post_init__(self) -> None:
        self._postings: list[tuple[TransactionRecorded, str, int]] = []
        self._wire = Wire(prefix=self.system.prefix, partitions=PARTITIONS)

    async def record_files(self) -> None:
        """Who has no file at customer-profile cannot be merged."""
        for file in self.files:
            await self._send(customer(file, identity=None, recorded_at=_BEGAN), f"recorded-{file}", _BEGAN)
        await settle(self.system, self)

    async def say(self, draw: Random) -> None:
        """One more; whether Kafka has it is known at the next `settle`."""
        file, minor = draw.choice(self.files), draw.randrange(1, 10**7)
        at, amount = _BEGAN + _LASTS * self.made / self.total, f"{minor / 100:.2f}"
        what = draw.choices(("credit", "debit", "use", "complaint", "reversal"), (2, 5, 3, 1, 1))[0]
        event: Event
        match what:
            case "reversal" if self._postings:
                await self._take_back(draw, at)
                return
            case "credit" | "debit":
                event = self._posting(draw, what, at, file, amount)
                self._postings.append((event, what, minor))
            case "use" | "reversal":  # of nothing yet
                what, event, minor = "use", used(file, at), 0
            case _:
                event, minor = submitted(file, submitted_at=at), 0
        self.book.note(file, what, minor)
        await self._say(event, at)

    def _posting(self, draw: Random, what: str, at: datetime, file: str, amount: str) -> TransactionRecorded:
        if draw.random() < _LATE_AMONG:
            at -= _LATE * draw.random()
            self.late += 1
        made = salary(at, file, amount) if what == "credit" else transaction(at, file, amount=amount)
        return made.model_copy(update={"transaction_no": f"t-{self.made}"})

    async def _take_back(self, draw: Random, at: datetime) -> None:
        """Some posting that was said; whichever file's, and whoever that file is of by now."""
        original, what, minor = self._postings.pop(draw.randrange(len(self._postings)))
        self.book.take_back(original.customer_id, what, minor)
        self.taken_back += 1
        await self._say(reversal(original, at), at)

    async def _say(self, event: Event, at: datetime) -> None:
        self.made += 1
        await self._send(event, f"e-{self.made}", at)

    async def _send(self, event: Event, identifier: str, at: datetime) -> None:
        stamp = self._wire.stamp(type(event), SOURCES[type(event)])
        record = self._wire.told(event, stamp, identifier=identifier, time_ms=int(at.timestamp() * 1000))
        where = {"key": record.key, "partition": record.partition, "headers": list(record.headers)}
        await self.producer.send(record.topic, record.value, **where)


@asynccontextmanager
async def events_on(system: System, files: Sequence[str], total: int) -> AsyncIterator[Load]:
    """A load and its connection."""
    async with AIOKafkaProducer(
        bootstrap_servers=system.bootstrap_servers, acks="all", enable_idempotence=True
    ) as producer:
        yield Load(system, producer, files, total)


@dataclass
class Walk:
    """Random steps of pairs of people at once, each with files of its own: an act on these, or an event on any file."""

    system: System
    people: People
    load: Load
    acts_among: float
    draws: Sequence[Random]
    """One for each pair."""
    steps: int = 0
    risks_compared: int = 0
    """In all comparisons: at any one everybody can have to wait, over a whole run nobody's risk being compared would
    hide whatever is wrong with risks."""

    def __post_init__(self) -> None:
        count = len(self.draws)
        self.pairs = [
            Merging(self.people, self.load.files[number::count], draw) for number, draw in enumerate(self.draws)
        ]

    @property
    def acts(self) -> int:
        return sum(pair.acts for pair in self.pairs)

    @property
    def persons(self) -> dict[str, frozenset[str]]:
        return {survivor: files for pair in self.pairs for survivor, files in pair.persons.items()}

    async def go_on(self, steps: int) -> None:
        """So many more, shared out evenly."""
        count = len(self.pairs)
        async with asyncio.TaskGroup() as going_on:
            for number, pair in enumerate(self.pairs):
                going_on.create_task(self._go_on(pair, len(range(number, steps, count))))
        self.steps += steps

    async def _go_on(self, pair: Merging, steps: int) -> None:
        for _ in range(steps):
            if pair.draw.random() < self.acts_among:
                await pair.act()
            else:
                await self.load.say(pair.draw)

    async def compare(self) -> Comparison:
        """Once all is heard."""
        await settle(self.system, self.load)
        found = await Comparison(self.load.files, self.persons, self.load.book).of(self.system, self.people)
        self.risks_compared += found.risks_compared
        return found

    async def undo(self) -> int:
        """Every merge is undone, and then every word of every act told anew in any order; how many words."""
        await asyncio.gather(*(pair.undo_all() for pair in self.pairs))
        await settle(self.system, self.load)
        return await tell_again(self.system, self.draws[0])


async def tell_again(system: System, draw: Random) -> int:
    """Every word of every act once more and in any order, as if it were new; how many words."""
    words = 0
    for topic in ("customers-merged", "customers-unmerged"):
        told = await system.records(topic)
        again = [
            Record(one.topic, one.partition, one.key, one.value, _anew(one.headers), one.timestamp)
            for one in draw.sample(told, len(told))
        ]
        await publish(again, system.bootstrap_servers)
        words += len(again)
    return words


def _anew(headers: Sequence[tuple[str, bytes]]) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, str(new_id()).encode() if name == "ce_id" else cell) for name, cell in headers)


async def settle(system: System, load: Load) -> None:
    """All that was said is heard. Twice: churn-alert, which is asked before feedback, hears of complaints from it."""
    await load.producer.flush()
    await system.settle()
    await system.settle()
