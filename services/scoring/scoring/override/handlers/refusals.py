"""What a customer's no does, to automated decisions or to tiering, and what a restricted relationship does: people
alone decide, from when it is heard.

The three are kept apart. Taking one back does not undo another.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from rapport.consent.handlers import turned
from rapport.events.base import AnyReceived, Received
from rapport.events.customer_profile import ConsentChanged, CustomerProfiled
from rapport.messaging.transaction import Transaction
from rapport.person.handlers import ask_for_persons
from scoring.standing.domain.decision import Decision
from scoring.standing.domain.hands import Hand, hand_of
from scoring.standing.domain.people import PeopleAct
from scoring.standing.domain.persons import Persons
from scoring.standing.domain.placing import heed_consent, heed_refusal, heed_restriction
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing
from scoring.standing.domain.tiering import catch_up, decide, place
from scoring.standing.handlers import Made, keep, load_heeding, tell
from scoring.standing.store.hands import keep_hands
from scoring.standing.store.persons import persons_among
from scoring.standing.store.standings import refusing_consent
from scoring.tables import consents

PURPOSE = "tiering"
"""The purpose that a tier by automation rests on."""


class _Word(NamedTuple):
    """What was heard of one customer. `heed`: has a standing take it at a moment; None where that changes nothing."""

    event: AnyReceived
    is_no: bool
    heed: Callable[[Standing, datetime], PeopleAct | None]


async def on_customers_profiled(tx: Transaction, events: Sequence[Received[CustomerProfiled]], *, rules: Rules) -> None:
    """Who refuses automated decisions, or whose relationship is restricted, keeps the tier until people change
    it; the higher revision counts."""
    await _heed(tx, [_profiled(event) for event in events], rules)


async def on_tiering_consents(tx: Transaction, events: Sequence[Received[ConsentChanged]], *, rules: Rules) -> None:
    """Who declined or withdrew consent to tiering keeps their tier in the same way, until they consent.

    What counts is the copy after these events, so an older word changes nothing. Of who said nothing yet, see decision
    0076.
    """
    changed = await turned(tx, events, table=consents, purpose=PURPOSE, known=refusing_consent)
    await _heed(tx, [_consented(event, refused=refused) for event, refused in changed], rules)


def _profiled(event: Received[CustomerProfiled]) -> _Word:
    refuses, revision = event.data.refuses_automated_decisions, event.data.revision
    # Who has left falls by silence like anybody: a tier that stood still would stay high for ever.
    is_restricted = event.data.relationship == "restricted"

    def heed(standing: Standing, at: datetime) -> PeopleAct | None:
        if revision < standing.profile_revision:
            return None
        has_refused = heed_refusal(standing, refuses=refuses, revision=revision, at=at)
        # Also where the revision is known: it may have been heard before there was a word on the relationship here.
        if heed_restriction(standing, is_restricted=is_restricted, at=at) and not has_refused:
            return "relationship-restricted" if is_restricted else "relationship-resumed"
        if not has_refused:
            return None
        return "automation-refused" if refuses else "refusal-withdrawn"

    return _Word(event, refuses or is_restricted, heed)


def _consented(event: Received[ConsentChanged], *, refused: bool) -> _Word:
    def heed(standing: Standing, at: datetime) -> PeopleAct:
        heed_consent(standing, refused=refused, at=at)
        return "consent-refused" if refused else "consent-given"

    return _Word(event, refused, heed)


async def _heed(tx: Transaction, words: Iterable[_Word], rules: Rules) -> None:
    """Of a customer of whom nothing else was heard only a no is kept. It counts from when it is heard."""
    words = list(words)
    if not words:
        return
    standings = await load_heeding(tx, {word.event.data.customer_id for word in words}, rules)
    persons = await persons_among(tx.connection, standings)
    changed: dict[str, Standing] = {}
    changes: list[Made] = []
    hands: list[Hand] = []
    for event, is_no, heed in words:
        standing = standings[event.data.customer_id]
        if standing.decided_at is None and not is_no:
            continue
        # No earlier than what is decided already: a request may have come in between, or the bank's facts of this poll.
        # Where nothing is decided, stream time may not have begun.
        at = max(event.at, standing.decided_at or event.time, standing.tier_since or event.at)
        with persons.deciding(standing) as person:
            made = catch_up(person, rules, at)
        if (act := heed(standing, at)) is not None:
            hands.append(hand_of(standing, at))
            made += _placed(standing, persons, rules, at, act)
        changes += tell(tx, made, event)
        changed[standing.customer_id] = standing
    await keep(tx, list(changed.values()), changes, rules.bank)
    heard = [word.event for word in words if word.event.data.customer_id in changed]
    await ask_for_persons(tx, persons.merged_into, heard)
    await keep_hands(tx.connection, hands, known_at=tx.now, partition_of=tx.partition_of, ends=tx.ends)


def _placed(standing: Standing, persons: Persons, rules: Rules, at: datetime, act: PeopleAct) -> list[Decision]:
    """A word on one file counts for the person; a file that was merged is decided only if it never was."""
    is_new = standing.decided_at is None
    if standing.customer_id in persons.merged_into and not is_new:
        return []
    with persons.deciding(standing) as person:
        change = decide(person, rules, at, people_act=act) if is_new else place(person, rules, at, act)
    if standing.customer_id in persons.merged_into:
        standing.due_at = None
    return [] if change is None else [change]
