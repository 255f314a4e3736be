"""What scoring does with the bank's facts: load, fold, decide event by event, save, tell."""

from collections.abc import Iterable, Sequence
from functools import partial
from uuid import UUID

from rapport.events.base import AnyReceived
from rapport.messaging.transaction import Transaction
from rapport.person.handlers import ask_for_persons
from scoring.standing.domain.decision import Decision
from scoring.standing.domain.persons import Persons, meet_among
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Bank, Standing
from scoring.standing.domain.tiering import decide_due, meet
from scoring.standing.domain.versions import heed_versions
from scoring.standing.facts import fact_of, fold
from scoring.standing.shadowing import Beside, Shadowing, Shadows, Together
from scoring.standing.store.book import place_of, save_decided
from scoring.standing.store.decisions import keep_decisions
from scoring.standing.store.persons import persons_among
from scoring.standing.store.standings import load, save
from scoring.standing.taking_up import take_up

Made = tuple[Decision, UUID | None]
"""A decision, and the id of the event that caused it; None where time alone did."""


async def on_bank_facts(
    tx: Transaction,
    events: Sequence[AnyReceived],
    *,
    rules: Rules,
    shadowing: Shadowing | None = None,
    beside: Beside | None = None,
) -> None:
    """Fold transactions and holdings into their customers' standings and decide each again at every one of them.

    One handler for both kinds, so that a batch keeps their order of time. What fell due before an event comes first.
    A file that was merged into another takes its event and is decided no more: it asks for its person to be.
    """
    standings = await load_heeding(tx, {event.data.customer_id for event in events}, rules)
    persons = await persons_among(tx.connection, standings)
    decided = standings.keys() - persons.merged_into.keys() if persons.merged_into else standings
    shadows = await shadowing(tx.connection, decided, tx.now) if shadowing else None
    if beside and (other := await beside(tx, decided)):
        shadows = Together(shadows, other) if shadows else other
    changes: list[Made] = []
    for event in events:
        standing = standings[event.data.customer_id]
        if standing.customer_id in persons.merged_into:
            made = _take(standing, event, rules)
        else:
            made = _meet(standing, event, persons, rules, shadows)
        changes += tell(tx, made, event)
    await keep(tx, list(standings.values()), changes, rules.bank)
    await ask_for_persons(tx, persons.merged_into, events)
    if shadows:
        await shadows.save(tx.connection, tx.partition_of)


def _meet(
    standing: Standing, event: AnyReceived, persons: Persons, rules: Rules, shadows: Shadows | None
) -> list[Decision]:
    effect = partial(fold, fact=event.data, bank=rules.bank)
    if shadows:
        shadows.before(persons.sum_of(standing), event.at)
    if standing.customer_id in persons.others:
        made = meet_among(standing, persons, rules, event.at, effect)
    else:
        made = meet(standing, rules, event.at, effect)
    if shadows:
        shadows.after(persons.sum_of(standing), event.at)
    return made


def _take(merged: Standing, event: AnyReceived, rules: Rules) -> list[Decision]:
    """The effect on a file that is decided no more. One that never was is decided once, to have where to return to."""
    if merged.decided_at is None:
        made = meet(merged, rules, event.at, partial(fold, fact=event.data, bank=rules.bank))
        merged.due_at = None
        return made
    fold(merged, event.data, rules.bank)
    return []


async def fire_due_standings(tx: Transaction, customer_ids: Sequence[str], *, rules: Rules) -> None:
    """Decide again whoever has been silent for so long that it may matter, as of the moment it fell due."""
    standings = await load_heeding(tx, customer_ids, rules)
    persons = await persons_among(tx.connection, standings)
    changes: list[Made] = []
    decided: list[Standing] = []
    moved: list[Standing] = []
    for standing in standings.values():
        until = tx.clock_of(standing.customer_id)
        if standing.due_at is not None and standing.due_at <= until:
            before = place_of(standing)
            with persons.deciding(standing) as person:
                changes += tell(tx, decide_due(person, rules, until), None)
            decided.append(standing)
            if place_of(standing) != before:
                moved.append(standing)
    await save_decided(tx.connection, decided, moved)
    await keep_decisions(tx.connection, changes, known_at=tx.now, bank=rules.bank)


async def load_heeding(tx: Transaction, customer_ids: Iterable[str], rules: Rules) -> dict[str, Standing]:
    """Standings, each due when a version known by now comes into force; who has none gets an empty one.

    The customers are held already, so no version that is approved from here on can miss a due time set here."""
    await take_up(rules, tx.connection)
    standings = await load(tx.connection, customer_ids)
    for standing in standings.values():
        heed_versions(standing, rules.cards)
    return standings


def tell(tx: Transaction, made: Sequence[Decision], event: AnyReceived | None) -> list[Made]:
    """Tell changes of tier; `event`: what caused those that it caused. Returns each with the id of what caused it."""
    told: list[Made] = []
    for change in made:
        timer = f"standing:{change.customer_id}:{change.decided_at.isoformat()}"
        cause = event if event is not None and change.cause == "event" else None
        tx.tell(fact_of(change), time=change.decided_at, cause=cause or timer)
        told.append((change, cause.id if cause else None))
    return told


async def keep(tx: Transaction, changed: Sequence[Standing], changes: Sequence[Made], bank: Bank) -> None:
    """Save standings and what was decided on them."""
    await save(tx.connection, changed, partition_of=tx.partition_of)
    await keep_decisions(tx.connection, changes, known_at=tx.now, bank=bank)
