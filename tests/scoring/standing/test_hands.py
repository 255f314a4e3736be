"""What people did is done again where it was: before or after what silence decided, and between the same events."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from rapport.clock import utc_now
from scoring.scorecard.domain import Feature
from scoring.standing.domain.hands import Hand, hand_of, lay
from scoring.standing.domain.people import Override, PeopleAct
from scoring.standing.domain.placing import heed_consent, heed_refusal, heed_restriction, put_on
from scoring.standing.domain.state import Standing
from scoring.standing.domain.tiering import catch_up, decide_due, meet, place
from scoring.standing.facts import fold
from scoring.standing.store.book import fingerprint
from scoring.standing.store.hands import KeptHand, hands_in
from scoring.standing.store.standings import load
from tests.scoring.facts import DAY, MONDAY, holdings, record
from tests.scoring.override.office import profiled
from tests.scoring.rules import BANK, card, rules
from tests.support.delivering import Delivering
from tests.support.serving import Start

HELD = Feature("investments", "value", "money", "what is held", (100_000.0, 1_000_000.0), (0, 60, 90), 0, 50.0)
RULES = rules(card(HELD))


def customer() -> Standing:
    """High, and too low for it from the tenth day on: due to fall four weeks later."""
    standing = Standing("c-1")
    for fact in (holdings(1, "20000.00"), holdings(2, "1.00", at=MONDAY + 10 * DAY)):
        meet(standing, RULES, fact.as_of, partial(fold, fact=fact, bank=BANK))
    return standing


ACTS: tuple[PeopleAct, ...] = (
    "override-began", "override-revoked", "automation-refused", "consent-refused", "relationship-restricted",
)  # fmt: skip


def act(standing: Standing, at: datetime, what: int) -> Hand:
    """As the service does it."""
    catch_up(standing, RULES, at)
    if what == 0:
        put_on(standing, Override(UUID(int=at.day), "middle", at + 20 * DAY), at)
    elif what == 1:
        standing.override = None
        standing.people_since = standing.people_since or at
    elif what == 2:
        heed_refusal(standing, refuses=not standing.automation_refused, revision=standing.profile_revision + 1, at=at)
    elif what == 3:
        heed_consent(standing, refused=not standing.consent_refused, at=at)
    else:
        heed_restriction(standing, is_restricted=not standing.is_restricted, at=at)
    hand = hand_of(standing, at)
    place(standing, RULES, at, ACTS[what])
    return hand


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 4), st.booleans()), max_size=6))
def test_however_late_silence_is_decided_the_same_hands_come_to_the_same_row(
    steps: list[tuple[int, int, bool]],
) -> None:
    lived, again = customer(), customer()
    at, hands = MONDAY + 10 * DAY, []
    for days, what, is_swept in steps:
        at += timedelta(days=days)
        if is_swept:
            decide_due(lived, RULES, at)
        hands.append(act(lived, at, what))
    decide_due(lived, RULES, at + 200 * DAY)
    for hand in hands:
        lay(again, RULES, hand)
    decide_due(again, RULES, at + 200 * DAY)
    again.profile_revision = lived.profile_revision
    assert again == lived


def test_a_fall_that_is_decided_before_people_come_and_one_that_is_not_are_told_apart() -> None:
    swept, unswept = customer(), customer()
    at = MONDAY + 50 * DAY
    decide_due(swept, RULES, at)
    rows = []
    for standing in (swept, unswept):
        again = customer()
        lay(again, RULES, act(standing, at, 0))
        rows.append((again.revision, standing.revision))
    (first, first_live), (second, second_live) = rows
    assert (first, second) == (first_live, second_live)
    assert first != second


async def test_what_the_same_poll_handled_of_a_customer_came_before_the_refusal(service: Delivering) -> None:
    fact = record(service, holdings(1, "5000.00"))
    told = service.feed.record(profiled(refuses=True, revision=1), time=MONDAY, source="customer-profile")
    later = record(service, holdings(2, "6000.00", at=MONDAY + DAY))
    await service.deliver(fact, told)
    (kept,) = await _kept(service, fact.partition)
    assert kept.offsets[fact.topic] == fact.offset + 1 == later.offset


async def test_by_the_clock_on_the_wall_the_same_hands_come_to_the_same_row_too(running: Start) -> None:
    service = await running("wall")
    wall = service.runtime.composition.state["rules"]
    again = Standing("c-1")
    for revision, amount in ((1, "20000.00"), (2, "900000.00")):
        raw = record(service, holdings(revision, amount))
        await service.deliver(raw)
        at = datetime.fromtimestamp(raw.timestamp / 1000, UTC)
        meet(again, wall, at, partial(fold, fact=holdings(revision, amount), bank=wall.bank))
        if revision == 1:
            told = profiled(refuses=True, revision=1)
            await service.deliver(service.feed.record(told, time=MONDAY, source="customer-profile"))
            (kept,) = await _kept(service, raw.partition)
            lay(again, wall, kept.hand)
    async with service.runtime.engine.connect() as connection:
        lived = (await load(connection, ["c-1"]))["c-1"]
    assert (fingerprint(again), again.people_only) == (fingerprint(lived), True)


async def _kept(service: Delivering, partition: int) -> list[KeptHand]:
    async with service.runtime.engine.connect() as connection:
        return await hands_in(connection, partition, utc_now())
