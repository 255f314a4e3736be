"""A recount can fail: a service that did its work passes, and whatever is then changed by hand is found."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from time import time

import asyncpg
import pytest
from sqlalchemy import make_url

from deploy.local.connections import Connections
from rapport.messaging.records import RawRecord
from simulator.trouble import Trouble
from simulator.wire import Record, Wire
from tests.faults import subjects
from tests.faults.load import Book
from tests.faults.people import PEOPLE
from tests.faults.recount.tamperings import TAMPERINGS
from tests.faults.verdict import Verdict, recounted
from tests.support.delivering import Delivering
from tests.support.serving import SUBJECTS, Start, Subject

SEED = 7
_RECORDS = {"churn_alert": 6_000}
"""Of one whose customers have to be heard of for a while before anything is decided on them; of the others 900."""


@pytest.fixture(params=sorted(TAMPERINGS))
def subject(request: pytest.FixtureRequest) -> Subject:
    return SUBJECTS[request.param]


@pytest.fixture
async def service(running: Start) -> Delivering:
    """By the system clock, as in a campaign."""
    return await running("wall")


@pytest.fixture
async def book(service: Delivering, subject: Subject, tmp_path: Path) -> Path:
    """What the service has been told, some of it twice, in polls that end anywhere."""
    people = PEOPLE[subjects.SUBJECTS[subject.package].people](SEED, Wire())
    records = list(
        Trouble(duplicates=0.05, seed=SEED).added_to(islice(people.records(), _RECORDS.get(subject.package, 900)))
    )
    with Book(tmp_path / "book.csv") as book:
        book.book(records)
    heard = {event.name for event in service.service.hears.values()}
    lying = [record for record in _as_they_lie(records) if record.topic in heard]
    for start in range(0, len(lying), 130):
        await service.deliver(*lying[start : start + 130])
    return tmp_path / "book.csv"


def _as_they_lie(records: Iterable[Record]) -> Iterable[RawRecord]:
    ends: dict[tuple[str, int], int] = defaultdict(int)
    for record in records:
        place = (record.topic, record.partition)
        yield RawRecord(*place, ends[place], int(time() * 1000), record.key, record.value, record.headers)
        ends[place] += 1


@asynccontextmanager
async def onlooker(postgres: Connections, service: Delivering) -> AsyncIterator["asyncpg.Connection"]:
    """The superuser's connection to the service's database, whom no trigger keeps from changing what only grows."""
    name = make_url(service.runtime.url).database
    connection = await asyncpg.connect(postgres.admin_url(str(name)).replace("+asyncpg", ""))
    await connection.execute("SET session_replication_role = replica")
    try:
        yield connection
    finally:
        await connection.close()


async def _verdict(connection: "asyncpg.Connection", subject: Subject, book: Path) -> Verdict:
    """With the outbox in the place of Kafka."""
    by, verdict = subjects.SUBJECTS[subject.package], Verdict()
    told = await connection.fetch(
        "SELECT topic, partition, outbox_id, event_id::text, convert_from(key, 'utf8'), convert_from(value, 'utf8') "
        "FROM outbox WHERE topic = ANY($1)",
        list(by.decides),
    )
    await recounted(connection, by.recount, book, [tuple(row) for row in told], verdict)
    return verdict


async def test_what_was_delivered_once_or_twice_is_as_the_book_says(
    postgres: Connections, service: Delivering, subject: Subject, book: Path
) -> None:
    async with onlooker(postgres, service) as connection:
        verdict = await _verdict(connection, subject, book)
    assert verdict.violations == []
    assert verdict.figures["duplicate"] > 0


async def test_whatever_is_changed_by_hand_is_found(
    postgres: Connections, service: Delivering, subject: Subject, book: Path
) -> None:
    async with onlooker(postgres, service) as connection:
        for kind, change in TAMPERINGS[subject.package]:
            undone = connection.transaction()
            await undone.start()
            assert int((await connection.execute(change)).split()[-1]) > 0, f"nothing to change: {change}"
            found = {violation.kind for violation in (await _verdict(connection, subject, book)).violations}
            await undone.rollback()
            assert kind in found, change
