"""What works on the whole book knows overrides: due times set anew, dry-runs, and the replay."""

from collections.abc import AsyncIterator
from functools import partial

import pytest
from sqlalchemy.exc import DBAPIError

from rapport.clock import utc_now
from rapport.messaging.partitions import partition_of
from scoring.release.handlers.jobs import bring_forward, score_book
from scoring.replay import store
from scoring.replay.domain import Book
from scoring.scorecard.handlers import keep_scorecards
from scoring.standing.domain.hands import Hand
from scoring.standing.facts import fold
from scoring.standing.store.hands import hands_in
from tests.scoring.facts import DAY, MONDAY, deliver, holdings
from tests.scoring.override.office import Office, office_of
from tests.scoring.release.people import STRICTER
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

SOON = MONDAY + 9 * DAY


@pytest.fixture
async def office(bank: Delivering, issuer: TestIssuer) -> AsyncIterator[Office]:
    async with office_of(bank, issuer) as found:
        yield found


async def test_due_times_that_are_set_anew_keep_the_end_of_an_override(office: Office) -> None:
    await office.put_on(until=SOON.isoformat())
    service, state = office.service, office.service.runtime.composition.state
    await keep_scorecards(service.runtime.transactions, documents=state["files"])
    await service.rows_written(
        "UPDATE scorecards SET reschedule_from = now(), rescheduled_up_to = ''", "UPDATE due_times SET due_at = now()"
    )
    while await bring_forward(service.runtime.transactions, rules=state["rules"]):
        pass
    ((due_at,),) = await service.rows("SELECT due_at FROM due_times")
    assert due_at == SOON


async def test_a_dry_run_compares_scorecards_and_passes_people_by(office: Office, issuer: TestIssuer) -> None:
    await office.put_on(tier="low")
    office.lead.headers.update(issuer.bearer("analyst", subject="cleo"))
    assert (await office.lead.post("/scorecards", json=STRICTER)).status_code == 201
    assert (await office.lead.post("/scorecards/2/dry-run")).status_code == 201
    rules = office.service.runtime.composition.state["rules"]
    while await score_book(office.service.runtime.transactions, rules=rules):
        pass
    moves = (await office.auditor.get("/scorecards/2/dry-run")).json()["moves"]
    assert moves == [{"old_tier": "middle", "tier": "low", "customers": 1}]


async def differing(office: Office, book: Book) -> tuple[int, int]:
    """Customers who differ from the live table, and those who were passed over."""
    found = passed = 0
    service = office.service
    async with service.runtime.engine.connect() as connection:
        for partition in range(service.service.partitions):
            mine = {
                key: one
                for key, one in book.standings.items()
                if partition_of(key, service.service.partitions) == partition
            }
            found += await store.differing_from_live(connection, partition, mine)
            passed += await store.passed_over(connection, partition)
    return found, passed


async def test_a_replay_does_again_what_people_did_and_passes_over_whom_it_does_not_know_of(office: Office) -> None:
    book = Book(office.service.runtime.composition.state["rules"])
    facts = [holdings(1, "5000.00", customer_id=customer) for customer in ("c-1", "c-2", "c-3", "c-4")]
    await deliver(office.service, *facts[1:])
    for fact in facts:
        book.meet(fact.customer_id, MONDAY, partial(fold, fact=fact, bank=book.rules.bank))
    await office.profile(refuses=False, revision=1, customer_id="c-4")
    assert await differing(office, book) == (0, 0)
    await office.put_on()
    await office.profile(refuses=True, revision=1, customer_id="c-2")
    assert await differing(office, book) == (2, 0)
    book.lay(await hands(office))
    assert await differing(office, book) == (0, 0)
    await office.service.rows_written("UPDATE standings SET people_since = people_since - interval '1 day'")
    assert (await hands(office), await differing(office, book)) == ([], (0, 2))
    await office.service.rows_written("UPDATE standings SET points = points + 1")
    assert await differing(office, book) == (2, 2)


async def hands(office: Office) -> list[Hand]:
    """What people did to all customers."""
    async with office.service.runtime.engine.connect() as connection:
        partitions = range(office.service.service.partitions)
        return [one.hand for number in partitions for one in await hands_in(connection, number, utc_now())]


async def test_what_people_did_can_be_altered_by_nobody(office: Office) -> None:
    await office.put_on()
    for statement in ("UPDATE hands SET people_only = true", "DELETE FROM hands"):
        with pytest.raises(DBAPIError, match="only grows"):
            await office.service.rows_written(statement)
