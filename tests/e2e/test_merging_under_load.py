"""Four services on a real Kafka, three of which hear of merges and their undoing while events come in: nothing is
counted twice or lost, and once all is heard everybody is decided on exactly the files that are theirs.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from churn_alert.risk.domain.crossing import anchor_of, is_known
from churn_alert.risk.domain.persons import added
from churn_alert.risk.store import risks as risk_store
from deploy.local.stack import Stack
from rapport.clock import utc_now
from rapport.events.bank import FeedbackSubmitted, InteractionRecorded, TransactionRecorded
from rapport.events.base import Event
from rapport.events.catalogue import topics as all_topics
from rapport.person.store import persons_of
from scoring.standing.domain.evidence import values_of
from scoring.standing.store import persons as standing_persons
from scoring.standing.store import standings as standing_store
from simulator.marks import SOURCES
from simulator.publisher import publish
from simulator.wire import Record, Wire
from tests.churn_alert.lives import used
from tests.e2e.conserving import Book
from tests.e2e.system import PARTITIONS, SERVICES, Served, System
from tests.feedback.said import submitted
from tests.scoring.facts import salary, transaction
from tests.support.grouping import Grouped, merge, person, unmerge
from tests.support.stack import FreshDatabase, Topics

FILES = [f"c-{number}" for number in range(16)]
EVENTS, RATE, ACTS = 2_000, 100.0, 120
BEGAN = datetime.now(UTC) - timedelta(days=200)

_ROWS = {
    "scoring": "SELECT customer_id, transactions, credits_minor, debits_minor FROM standings",
    "churn_alert": "SELECT customer_id, own_transactions, channel_uses, negative_feedbacks FROM risks",
    "feedback": "SELECT customer_id, count(*) FROM cases GROUP BY 1",
    "customer_profile": "SELECT customer_id, sum((e ->> 3)::bigint), sum((e ->> 4)::bigint) "
    "FROM portrait_months, jsonb_array_elements(entries) e GROUP BY 1",
}
"""What each service counts of each file, read off its rows by no code of the service."""


@pytest.fixture
async def system(stack: Stack, topics: Topics, fresh_database: Callable[..., FreshDatabase]) -> AsyncIterator[System]:
    letters = [f"{name.replace('_', '-')}.dead-letter" for name in SERVICES]
    prefix = await topics.make([*(event.name for event in all_topics()), *letters], partitions=PARTITIONS)
    made = System(stack, prefix)
    for name in SERVICES:
        await made.add(name, fresh_database(name), max_poll_records=50, mode="wall")
    yield made
    await made.close()


def load(wire: Wire, book: Book, draw: Random) -> Iterator[Record]:
    """Events on any file; what is published is booked."""
    kinds = (TransactionRecorded, InteractionRecorded, FeedbackSubmitted)
    stamps = {kind: wire.stamp(kind, SOURCES[kind]) for kind in kinds}
    for number in range(EVENTS):
        file, minor = draw.choice(FILES), draw.randrange(1, 10**7)
        at, amount = BEGAN + timedelta(seconds=number * 4_000), f"{minor / 100:.2f}"
        what = draw.choices(("credit", "debit", "use", "complaint"), (2, 5, 3, 1))[0]
        event: Event
        match what:
            case "credit":
                event = salary(at, file, amount)
            case "debit":
                event = transaction(at, file, amount=amount)
            case "use":
                event, minor = used(file, at), 0
            case _:
                event, minor = submitted(file, submitted_at=at), 0
        book.note(file, what, minor)
        moment = int(at.timestamp() * 1000)
        yield wire.told(event, stamps[type(event)], identifier=f"e-{number}", time_ms=moment)


class Merging:
    """Merges and their undoing as customer-profile tells them, and who is one person after it."""

    def __init__(self, system: System, wire: Wire, draw: Random) -> None:
        self._bootstrap, self._wire, self._draw = system.bootstrap_servers, wire, draw
        self._revision = 0
        self.persons: dict[str, frozenset[str]] = {file: frozenset({file}) for file in FILES}
        self.merges: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)

    async def go_on(self, acts: int) -> None:
        """So many acts at random, and then merges until half of the files are another's."""
        for _ in range(acts):
            undoable = [survivor for survivor in sorted(self.persons) if self.merges[survivor]]
            if len(self.persons) < 4 or (undoable and self._draw.random() < 0.45):
                await self.undo(self._draw.choice(undoable))
            else:
                await self.merge_two()
        while len(self.persons) > len(FILES) // 2:
            await self.merge_two()

    async def merge_two(self) -> None:
        survivor, merged = self._draw.sample(sorted(self.persons), 2)
        taken = self.persons.pop(merged)
        self.persons[survivor] |= taken
        self.merges[survivor].append((merged, taken))
        self._revision += 1
        await self._tell(merge(self._revision, survivor, *self.persons[survivor]))

    async def undo(self, survivor: str) -> None:
        """The latest merge into this file."""
        merged, taken = self.merges[survivor].pop()
        self.persons[survivor] -= taken
        self.persons[merged] = taken
        self._revision += 1
        persons = [person(one, *self.persons[one]) for one in (survivor, merged)]
        await self._tell(unmerge(self._revision, *persons))

    async def _tell(self, facts: list[Grouped]) -> None:
        """Under each file, and some of it twice."""
        stamps = {type(fact): self._wire.stamp(type(fact), "customer-profile") for fact in facts}
        now = int(utc_now().timestamp() * 1000)
        told = [
            self._wire.told(fact, stamps[type(fact)], identifier=f"act-{self._revision}-{fact.key}", time_ms=now)
            for fact in facts
        ]
        await publish([*told, *told[: self._draw.randrange(2)]], self._bootstrap)

    async def undo_all(self) -> None:
        while undoable := [survivor for survivor in sorted(self.persons) if self.merges[survivor]]:
            await self.undo(undoable[0])

    @property
    def expected(self) -> dict[str, tuple[str, ...]]:
        return {survivor: tuple(sorted(files)) for survivor, files in self.persons.items()}


async def test_merges_under_load_move_no_counter_and_everybody_is_decided_on_their_own_files(system: System) -> None:
    draw, book = Random(67), Book()
    wire = Wire(prefix=system.prefix, partitions=PARTITIONS)
    merging = Merging(system, wire, draw)
    async with system.working(workers=2):
        records = list(load(wire, book, Random(7)))
        async with asyncio.TaskGroup() as going_on:
            going_on.create_task(publish(records, system.bootstrap_servers, rate=RATE))
            going_on.create_task(merging.go_on(ACTS))
        await settle(system)
        await check(system, book, merging)
        counted = await rows_of(system)
        await merging.undo_all()
        await settle(system)
        assert await rows_of(system) == counted, "an act changed a counter of a file"
        await check(system, book, merging)


async def settle(system: System) -> None:
    """Twice: churn-alert, which is asked before feedback, hears of complaints from it."""
    await system.settle()
    await system.settle()


async def rows_of(system: System) -> dict[str, dict[str, tuple[int, ...]]]:
    found = {}
    for served in system.services:
        rows = await served.cells(_ROWS[served.name])
        found[served.name] = {row[0]: tuple(map(int, row[1:])) for row in rows}
    return found


async def check(system: System, book: Book, merging: Merging) -> None:
    """Persons everywhere, what is counted of each file, and what each person is decided on."""
    found = await rows_of(system)
    for file in FILES:
        said = book.of([file])
        assert found["scoring"][file] == (said.postings, said.credits, said.debits)
        assert found["churn_alert"][file] == (said.own, said.uses, said.complaints)
        assert found["feedback"].get(file, (0,)) == (said.cases,)
        assert found["customer_profile"][file] == (said.in_months, said.moved_in_months)
    services = {served.name: served for served in system.services}
    for name in ("scoring", "churn_alert", "feedback"):
        async with services[name].runtime.engine.connect() as connection:
            assert await persons_of(connection, FILES) == merging.expected, name
    await check_tiers(services["scoring"], merging.persons)
    await check_risks(services["churn_alert"], merging.persons)


async def check_tiers(scoring: Served, persons: dict[str, frozenset[str]]) -> None:
    rules = scoring.runtime.composition.state["rules"]
    async with scoring.runtime.engine.connect() as connection:
        own = await standing_store.load(connection, FILES)
        whole = await standing_persons.load_persons(connection, persons)
    assert {file for file, one in own.items() if one.due_at is not None} == set(persons)
    for survivor, one in whole.items():
        assert one.decided_at is not None
        values = values_of(one, one.decided_at, rules.bank, rules.rates)
        assert one.points == rules.cards.at(one.decided_at).points_of(values), survivor
    assert not await scoring.rows("SELECT 1 FROM person_due_times")


async def check_risks(churn: Served, persons: dict[str, frozenset[str]]) -> None:
    rules = churn.runtime.composition.state["rules"]
    async with churn.runtime.engine.connect() as connection:
        own = await risk_store.load(connection, FILES)
    for survivor, files in persons.items():
        one = added(own[survivor], [own[file] for file in files if file != survivor])
        anchor = anchor_of(one, rules)
        assert anchor is not None and one.decided_at is not None
        if is_known(one, rules.model, one.decided_at):
            assert one.probability == rules.model.probability(anchor, anchor.silence(one.decided_at)), survivor
    open_of = await churn.rows("SELECT customer_id FROM alerts WHERE status <> 'closed'")
    assert set(open_of) <= set(persons), "an alert is open of a file that is merged into another"
