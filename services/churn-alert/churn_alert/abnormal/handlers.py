"""What is done with postings: fold, judge event by event, save, and tell compliance alone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from churn_alert.abnormal.domain.finding import Change, follow, follow_all, follow_grouped, given_back
from churn_alert.abnormal.domain.judging import ValueOf, late
from churn_alert.abnormal.domain.leads import Lead
from churn_alert.abnormal.domain.persons import Persons
from churn_alert.abnormal.domain.rules import Rules
from churn_alert.abnormal.domain.state import Activity, Posting, currency_of, fold, is_late
from churn_alert.abnormal.facts import Watch, posting_of, value_by
from churn_alert.abnormal.following import Followed, keep_leads
from churn_alert.abnormal.store import rates
from churn_alert.abnormal.store.states import last_days_of, load, persons_among, save
from rapport.events.bank import ExchangeRateSet, TransactionRecorded
from rapport.events.base import AnyReceived, Received
from rapport.events.customer_profile import CustomerProfiled
from rapport.messaging.transaction import Transaction
from rapport.person.handlers import Grouped

_NOTHING: Mapping[Any, Any] = MappingProxyType({})


async def on_postings(tx: Transaction, events: Sequence[Received[TransactionRecorded]], *, watch: Watch) -> None:
    """Fold postings into the files they are on, and judge the customer's days again at each of them.

    A file that was merged into another is only filled: whoever handles risks has its person asked for, with the same
    events and in the same transaction, and `judge_persons` answers that. What comes late of the person's days is found
    on the file that it is on.
    """
    if not events:
        return
    states = await load(tx.connection, [event.data.customer_id for event in events])
    persons = await persons_among(tx.connection, states)
    postings = [posting_of(event.data, watch.rules) for event in events]
    value_of = await _valuing(tx, states.values(), persons, postings, watch.rules)
    last_days = await last_days_of(tx.connection, states, persons)
    followed: list[Followed] = []
    for event, posting in zip(events, postings, strict=True):
        state = states[event.data.customer_id]
        person = persons.merged_into.get(state.customer_id, state.customer_id)
        last_day = max(state.last_day, last_days.get(person, state.last_day))
        changes: list[Change] = []
        if is_late(last_day, posting.day):
            added = late(posting, watch.rules, value_of, is_natural=state.is_natural)
            others = persons.beside(state.customer_id)
            changes = [Change(state.customer_id, finding.key, "late", finding, others) for finding in added]
        fold(state, posting)
        if person in last_days:
            last_days[person] = max(last_day, state.last_day)
        if state.customer_id not in persons.merged_into:
            with persons.deciding(state) as whole:
                changes += follow(whole, posting.day, watch.rules, value_of)
        followed += [Followed(change, _seen_at(tx, event), event) for change in changes]
    await save(tx.connection, list(states.values()), partition_of=tx.partition_of)
    await keep_leads(tx, followed, watch=watch)


async def on_parties(tx: Transaction, events: Sequence[Received[CustomerProfiled]], *, watch: Watch) -> None:
    """Whether a customer is a natural person decides which thresholds hold; by the highest revision."""
    states = await load(tx.connection, [event.data.customer_id for event in events])
    turned: dict[str, AnyReceived] = {}
    for event in events:
        state = states[event.data.customer_id]
        if event.data.revision > state.profile_revision:
            is_natural = event.data.type in watch.rules.at(event.at).natural
            if is_natural is not state.is_natural and state.days:
                turned[state.customer_id] = event
            state.is_natural, state.profile_revision = is_natural, event.data.revision
    followed = await _judge_anew(tx, states, turned, watch)
    await save(tx.connection, list(states.values()), partition_of=tx.partition_of)
    await keep_leads(tx, followed, watch=watch)


async def on_grouped(tx: Transaction, events: Sequence[Grouped], *, watch: Watch) -> None:
    """Judge the persons of these acts on the files they have now; all of these files are held."""
    act = max(events, key=lambda event: event.data.revision)
    states = await load(tx.connection, {file for event in events for file in event.data.customers})
    last_days: dict[str, int] = {}
    for event in events:
        last = max(states[file].last_day for file in event.data.customers)
        last_days |= {file: max(last, last_days.get(file, last)) for file in event.data.customers}
    await judge_regrouped(tx, states, last_days, act, watch=watch)


async def judge_regrouped(
    tx: Transaction,
    states: dict[str, Activity],
    last_days: Mapping[str, int],
    act: AnyReceived,
    *,
    watch: Watch,
    lost: Mapping[str, Sequence[str]] = _NOTHING,
    held: Mapping[UUID, Lead] = _NOTHING,
) -> None:
    """Judge the persons of these files, who are of other files than before; all of them are held.

    `last_days`: of each file the latest of all files that were or are one person with it. `lost`: of each file those
    that its person lost for ever, and `held` their leads, of which what people decided stands and what is too old to be
    judged goes back to whom it was taken over from.
    """
    known = [state for state in states.values() if state.days or state.in_force]
    persons = await persons_among(tx.connection, states)
    value_of = await _valuing(tx, known, persons, [], watch.rules)
    followed: list[Followed] = []
    for one, last in last_days.items():
        if one not in persons.merged_into:
            with persons.deciding(states[one]) as person:
                others = persons.others.get(one, ())
                changes = follow_grouped(person, others, watch.rules, value_of, last_day=last, lost=lost.get(one, ()))
            changes += given_back(one, lost.get(one, ()), held.values(), last_day=last)
            followed += [Followed(change, _seen_at(tx, act), act) for change in changes]
    survivors = [state for state in states.values() if state.in_force and state not in known]
    await save(tx.connection, [*known, *survivors], partition_of=tx.partition_of)
    await keep_leads(tx, followed, watch=watch, held=held)


async def judge_persons(tx: Transaction, customer_ids: Sequence[str], *, watch: Watch) -> None:
    """Judge survivors for postings that came on files merged into theirs."""
    states = await load(tx.connection, customer_ids)
    followed = await _judge_anew(tx, states, dict.fromkeys(states, None), watch)
    known = [state for state in states.values() if state.days or state.in_force]
    await save(tx.connection, known, partition_of=tx.partition_of)
    await keep_leads(tx, followed, watch=watch)


async def on_rates_set(tx: Transaction, events: Sequence[Received[ExchangeRateSet]]) -> None:
    """Keep what other currencies cost; a sum is valued by it when next something is heard of its customer."""
    await rates.keep(tx.connection, events)


async def _judge_anew(
    tx: Transaction, states: dict[str, Activity], causes: dict[str, AnyReceived] | dict[str, None], watch: Watch
) -> list[Followed]:
    persons = await persons_among(tx.connection, states)
    value_of = await _valuing(tx, states.values(), persons, [], watch.rules)
    followed: list[Followed] = []
    for customer_id, cause in causes.items():
        if customer_id in persons.merged_into:
            continue
        at = _seen_at(tx, cause, customer_id)
        with persons.deciding(states[customer_id]) as person:
            changes = follow_all(person, watch.rules, value_of)
        followed += [Followed(change, at, cause) for change in changes]
    return followed


def _seen_at(tx: Transaction, event: AnyReceived | None, customer_id: str = "") -> datetime:
    """When something is found: in wall time never before it can be seen, however far back the event is dated that came
    after a stop of the feed. What is due counts from then."""
    if not tx.service.is_stream_time:
        return tx.now
    return tx.clock_of(customer_id) if event is None else event.at


async def _valuing(
    tx: Transaction, states: Iterable[Activity], persons: Persons, postings: Sequence[Posting], rules: Rules
) -> ValueOf:
    """By the rates of all days that may be judged, where there is anything in another currency at all."""
    files = [*states, *(one for others in persons.others.values() for one in others)]
    codes = {code >> 4 for one in files for cells in one.days.values() for code in cells if code >> 4}
    others = {currency_of(code << 4) for code in codes} | {one.currency for one in postings}
    others -= {rules.home}
    days = [one.day for one in postings] + [day for one in files for day in one.days]
    if not others or not days:
        return value_by(await rates.rates_for(tx.connection, (), date.min, date.min), rules)
    first, last = date.fromordinal(min(days)), date.fromordinal(max(days))
    return value_by(await rates.rates_for(tx.connection, {*others, rules.foreign}, first, last), rules)
