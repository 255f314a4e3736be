"""Regular contact, anniversaries and the first salary: what is heard is noted, and what time brought before it begins.

Also without any event, by a sweep, and as of its own moment: neither when somebody looks nor how much is handled at
once changes what begins.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from churn_alert.intervention.domain.calendar import (
    Calendar,
    Contact,
    Fact,
    Opening,
    Persons,
    Rhythms,
    Salary,
    fold,
    is_first_salary,
    look,
    plan,
)
from churn_alert.intervention.domain.occasions import Occasion
from churn_alert.intervention.handlers.opening import begin_on
from churn_alert.intervention.store.calendars import load, outdated, persons_among, save
from churn_alert.lifecycle.handlers import moment_of
from churn_alert.playbook.domain.playbooks import Shelf
from rapport.events.bank import AccountChanged, InteractionRecorded, TransactionRecorded
from rapport.events.base import AnyReceived
from rapport.events.contact import ContactDelivered
from rapport.messaging.pages import page_by_page
from rapport.messaging.poll import Handler
from rapport.messaging.transaction import Transaction, Transactions

Said = tuple[str, datetime, Fact]
"""Of whom, when it is decided, and what."""
_WITH_PEOPLE = frozenset({"branch", "counter", "contact-centre"})


def with_calendar(handler: Handler, shelf: Shelf) -> Handler:
    """What is heard of accounts, salaries and contacts also moves what is due by time."""

    async def on_facts(tx: Transaction, events: Sequence[AnyReceived]) -> None:
        await handler(tx, events)
        found = ((event, _fact_of(event)) for event in events)
        said = [(event.data.customer_id, moment_of(tx, event), fact) for event, fact in found if fact is not None]
        await note(tx, said, shelf=shelf)

    return on_facts


def _fact_of(event: AnyReceived) -> Fact | None:
    match event.data:
        case TransactionRecorded():  # first, for most of what is heard is one
            fact = event.data
            is_salary = fact.kind == "salary" and fact.direction == "credit" and fact.reverses is None
            return Salary(fact.occurred_at) if is_salary else None
        case AccountChanged(opened_on=on):
            return Opening(on)
        case InteractionRecorded(channel=channel, occurred_at=at) if channel in _WITH_PEOPLE:
            return Contact(at)
        case ContactDelivered(delivered_at=at):
            return Contact(at)
    return None


async def note(tx: Transaction, said: Sequence[Said], *, shelf: Shelf) -> None:
    """Add to the calendars of these customers, who are held; what fell due before each begins first."""
    if not said:
        return
    rhythms = rhythms_of(shelf)
    calendars = await load(tx.connection, {customer_id for customer_id, _, _ in said})
    persons = await persons_among(tx.connection, calendars)
    occasions: list[Occasion] = []
    for customer_id, moment, fact in said:
        calendar = calendars[customer_id]
        occasions += _fallen(calendar, persons, rhythms, moment)
        if isinstance(fact, Salary) and is_first_salary(persons.person_of(calendar), moment, shelf.zone):
            occasions.append(Occasion(customer_id, "first-salary", moment, fact.at, "salary"))
        fold(calendar, fact, moment)
    await _keep(tx, calendars.values(), persons, rhythms)
    await begin_on(tx, occasions, shelf=shelf)


async def fire_due_calendars(tx: Transaction, customer_ids: Sequence[str], *, shelf: Shelf) -> None:
    """Begin what is due of these customers, who are held, as of the moments at which it was."""
    rhythms = rhythms_of(shelf)
    # Who was erased since has no row any more, and gets none here.
    calendars = [one for one in (await load(tx.connection, customer_ids)).values() if one.due_at is not None]
    persons = await persons_among(tx.connection, {one.customer_id: one for one in calendars})
    occasions: list[Occasion] = []
    for calendar in calendars:
        occasions += _fallen(calendar, persons, rhythms, tx.clock_of(calendar.customer_id))
    await _keep(tx, calendars, persons, rhythms)
    await begin_on(tx, occasions, shelf=shelf)


async def replan(transactions: Transactions, *, shelf: Shelf) -> None:
    """Upkeep: set anew when to look at whom other playbooks had planned, page by page. What is due by then begins
    first, and what is newly written brings nothing of the past.
    """
    rhythms = rhythms_of(shelf)

    async def plan_anew(tx: Transaction, customer_ids: Sequence[str]) -> None:
        calendars = [one for one in (await load(tx.connection, customer_ids)).values() if one.looked_at is not None]
        persons = await persons_among(tx.connection, {one.customer_id: one for one in calendars})
        occasions: list[Occasion] = []
        for calendar in calendars:
            now = tx.clock_of(calendar.customer_id)
            if calendar.due_at is not None and calendar.due_at <= now:
                occasions += _fallen(calendar, persons, rhythms, now)
            calendar.looked_at = max(calendar.looked_at or now, now)
        await _keep(tx, calendars, persons, rhythms)
        await begin_on(tx, occasions, shelf=shelf)

    await page_by_page(transactions, partial(outdated, version=rhythms.version), plan_anew)


def rhythms_of(shelf: Shelf) -> Rhythms:
    """Of all versions, since the one in force on a date is not known ahead."""
    books = [one for version in shelf.versions for one in version.playbooks]
    every = sorted({one.every for one in books if one.every is not None})
    has_anniversaries = any(one.node == "anniversary" for one in books)
    return Rhythms(shelf.latest.version, every, has_anniversaries, shelf.zone)


def _fallen(calendar: Calendar, persons: Persons, rhythms: Rhythms, until: datetime) -> list[Occasion]:
    with persons.deciding(calendar) as person:
        fallen = look(person, rhythms, until)
    if calendar.customer_id in persons.merged_into:
        # The dates of the person are the survivor's; of a file that is separated again those of the past are over.
        return []
    return [Occasion(calendar.customer_id, one.node, one.at, one.at, "due", every=one.every) for one in fallen]


async def _keep(tx: Transaction, calendars: Iterable[Calendar], persons: Persons, rhythms: Rhythms) -> None:
    changed = []
    for calendar in calendars:
        if calendar.is_changed or calendar.version != rhythms.version:
            with persons.deciding(calendar) as person:
                plan(person, rhythms)
            changed.append(calendar)
    await save(tx.connection, changed, partition_of=tx.partition_of)
