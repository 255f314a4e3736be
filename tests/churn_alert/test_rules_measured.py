"""The measurement of the rules asks what a worker asks: the same events leave the same behind, on a real database."""

from collections.abc import Sequence

from benchmarks.lives import polls_of
from benchmarks.rules import Book
from rapport.events.base import AnyReceived
from tests.churn_alert.feed.test_stops import deliver
from tests.support.serving import Start

POLLS = polls_of(1_500, 60, 300, is_plain=True)
_RISKS = "SELECT customer_id, probability, decided_at, due_at, is_raised, transactions_out_at FROM risks"
_LIVES = "SELECT customer_id, stage, since, rule, due_at FROM lifecycles"
_CROSSINGS = "SELECT count(*) FROM risk_crossings"
_DAYS = "SELECT customer_id, last_day FROM activity_states"


def lived_through(polls: Sequence[Sequence[AnyReceived]]) -> Book:
    book = Book()
    for events in polls:
        book.hear(events)
    return book


async def test_what_is_measured_is_what_a_worker_does(running: Start) -> None:
    book = lived_through(POLLS)
    service = await running("wall")
    for events in POLLS:
        await deliver(service, [event.data for event in events])
    risks = [
        (one.customer_id, one.probability, one.decided_at, one.due_at, one.is_raised, one.out_at[0])
        for one in book.risks.values()
    ]
    assert sorted(map(repr, map(tuple, await service.rows(_RISKS)))) == sorted(map(repr, risks))
    lives = [(one.customer_id, one.stage, one.since, one.rule, one.due_at) for one in book.lives.values() if one.stage]
    assert sorted(map(repr, map(tuple, await service.rows(_LIVES)))) == sorted(map(repr, lives))
    days = {one.customer_id: one.last_day.toordinal() for one in await service.rows(_DAYS)}
    assert days == {one.customer_id: one.last_day for one in book.leads.values()}
    ((crossings,),) = await service.rows(_CROSSINGS)
    assert crossings == len(book.told) > 10


def test_the_digest_is_the_same_for_the_same_and_another_for_anything_else() -> None:
    whole = lived_through(POLLS).digest
    assert lived_through(POLLS).digest == whole
    assert lived_through([*POLLS[:-1], POLLS[-1][:-1]]).digest != whole
