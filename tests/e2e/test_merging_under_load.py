"""Four services on a real Kafka: people merge files and separate them over customer-profile's API while events come
in, and the three others hear of it. Nothing is counted twice or lost, and once all is heard everybody is decided, and
shown, on exactly the files that are theirs.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from churn_alert.risk.domain.crossing import anchor_of, is_known
from churn_alert.risk.domain.persons import added
from churn_alert.risk.store import risks as risk_store
from deploy.local.stack import Stack
from rapport.events.bank import CustomerRecorded, FeedbackSubmitted, InteractionRecorded, TransactionRecorded
from rapport.events.base import Event
from rapport.events.catalogue import topics as all_topics
from rapport.ids import new_id
from rapport.person.store import persons_of
from scoring.standing.domain.evidence import values_of
from scoring.standing.store import persons as standing_persons
from scoring.standing.store import standings as standing_store
from simulator.marks import SOURCES
from simulator.publisher import publish
from simulator.wire import Record, Wire
from tests.churn_alert.lives import used
from tests.customer_profile.facts import customer
from tests.e2e.conserving import Book
from tests.e2e.merging import Merging, people_at
from tests.e2e.system import PARTITIONS, SERVICES, Served, System
from tests.feedback.said import submitted
from tests.scoring.facts import salary, transaction
from tests.support.stack import FreshDatabase, Topics
from tests.support.tokens import ISSUER, TestIssuer

FILES = [f"c-{number}" for number in range(16)]
EVENTS, RATE, ACTS = 2_000, 100.0, 40
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
async def system(
    stack: Stack, topics: Topics, fresh_database: Callable[..., FreshDatabase], issuer: TestIssuer, tmp_path: Path
) -> AsyncIterator[System]:
    letters = [f"{name.replace('_', '-')}.dead-letter" for name in SERVICES]
    prefix = await topics.make([*(event.name for event in all_topics()), *letters], partitions=PARTITIONS)
    made = System(stack, prefix, auth={"issuer": ISSUER, "jwks": str(issuer.write_jwks(tmp_path))})
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


async def test_merges_under_load_move_no_counter_and_everybody_is_decided_on_their_own_files(
    system: System, issuer: TestIssuer
) -> None:
    draw, book = Random(67), Book()
    wire = Wire(prefix=system.prefix, partitions=PARTITIONS)
    profile = system.services[0].runtime
    async with system.working(workers=2), people_at(profile, issuer) as people:
        await record_files(system, wire)
        merging = Merging(people, FILES, draw)
        records = list(load(wire, book, Random(7)))
        async with asyncio.TaskGroup() as going_on:
            going_on.create_task(publish(records, system.bootstrap_servers, rate=RATE))
            going_on.create_task(merging.go_on(ACTS))
        await settle(system)
        await check(system, book, merging)
        counted = await rows_of(system)
        await merging.undo_all()
        await tell_again(system, draw)
        await settle(system)
        assert await rows_of(system) == counted, "an act changed a counter of a file"
        await check(system, book, merging)


async def record_files(system: System, wire: Wire) -> None:
    """Who has no file at customer-profile cannot be merged."""
    stamp = wire.stamp(CustomerRecorded, SOURCES[CustomerRecorded])
    moment = int(BEGAN.timestamp() * 1000)
    recorded = [customer(file, identity=None, recorded_at=BEGAN) for file in FILES]
    told = [wire.told(one, stamp, identifier=f"recorded-{one.customer_id}", time_ms=moment) for one in recorded]
    await publish(told, system.bootstrap_servers)
    await system.settle()


async def tell_again(system: System, draw: Random) -> None:
    """Every word of every act once more and in any order, as if it were new."""
    for topic in ("customers-merged", "customers-unmerged"):
        told = await system.records(topic)
        again = [
            Record(one.topic, one.partition, one.key, one.value, _anew(one.headers), one.timestamp)
            for one in draw.sample(told, len(told))
        ]
        await publish(again, system.bootstrap_servers)


def _anew(headers: Sequence[tuple[str, bytes]]) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, str(new_id()).encode() if name == "ce_id" else cell) for name, cell in headers)


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
    for name in SERVICES:
        async with services[name].runtime.engine.connect() as connection:
            assert await persons_of(connection, FILES) == merging.expected, name
    await check_tiers(services["scoring"], merging.persons)
    await check_risks(services["churn_alert"], merging.persons)
    await check_portraits(merging, book)


async def check_portraits(merging: Merging, book: Book) -> None:
    """Whichever file it is asked by, a portrait's turnover is that of all files of the person."""
    for files in merging.persons.values():
        said = book.of(files)
        for file in files:
            answer = await merging.people.lead.get(f"/customers/{file}/portrait")
            assert answer.status_code == 200, answer.text
            months = answer.json()["transactions"]["value"]
            entries = [entry for month in months for entry in (*month["credits"], *month["debits"])]
            assert sum(entry["count"] for entry in entries) == said.in_months
            assert sum(Decimal(entry["amount"]) * 100 for entry in entries) == said.moved_in_months


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
