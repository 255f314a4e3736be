"""What churn-alert does with what customers do: load, fold, decide event by event, save, tell."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from churn_alert.risk.domain.ahead import count_come, keep_for_later, look_no_later
from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.crossing import Rules, ToldCrossing, settle
from churn_alert.risk.domain.parts import Parts, count
from churn_alert.risk.domain.peace import rest_from
from churn_alert.risk.domain.persons import Persons
from churn_alert.risk.domain.remembering import remember
from churn_alert.risk.domain.watching import foreseen
from churn_alert.risk.facts import counted, effective_at, fold, is_ahead
from churn_alert.risk.store.crossed import crossed_of
from churn_alert.risk.store.crossed import keep as keep_crossed
from churn_alert.risk.store.crossings import keep_crossings
from churn_alert.risk.store.persons import files_beside, persons_among
from churn_alert.risk.store.risks import load, outdated, save
from churn_alert.risk.store.tallies import add as add_tallies
from churn_alert.risk.telling import cleared, decided, lived
from rapport.events.base import AnyReceived
from rapport.messaging.pages import page_by_page
from rapport.messaging.transaction import Transaction, Transactions
from rapport.person.handlers import ask_for, ask_for_persons

Follow = Callable[[Transaction, Sequence[ToldCrossing]], Awaitable[None]]
"""What is to be done about crossings, in the order in which they came about."""


async def on_behaviour(tx: Transaction, events: Sequence[AnyReceived], *, rules: Rules, follow: Follow) -> None:
    """Fold what customers did into their risks and decide each again at every event.

    One handler for all kinds, so that in stream time a batch keeps the order of time of the bank's facts; in wall time
    it comes topic after topic, each in its own order. What silence brought before an event, by all that was handled
    before it, is first.
    """
    risks = await load(tx.connection, {event.data.customer_id for event in events})
    persons = await persons_among(tx.connection, risks)
    files = await files_beside(tx.connection, risks, persons)
    await _recall(tx, events, risks)
    told: list[ToldCrossing] = []
    parts: dict[str, Parts] = defaultdict(dict)
    for event in events:
        risk = risks[event.data.customer_id]
        if not tx.service.is_stream_time:  # after a stop of the feed its backlog is dated back, not beyond decisions
            event.at = max(event.at, risk.decided_at or event.at)
        is_merged, comes_later = risk.customer_id in persons.merged_into, is_ahead(event)
        if is_merged:
            at = min(event.at, effective_at(event.data))
            remember(risk, at, files, persons.merged_into, rules)
            count_come(risk, event.at)
        else:
            told += lived(tx, risk, persons, rules, event.at, is_deciding=not comes_later)
        if comes_later:
            keep_for_later(risk, event.data.submitted_at, str(event.id))
            continue
        posting = fold(risk, event.data, rules.bank)
        if risk.before and effective_at(event.data) < risk.before.at:
            fold(risk.before.state, event.data, rules.bank)
        if added := counted(event.data, posting):
            count(parts[risk.customer_id], *added)
        if not is_merged:
            told += cleared(tx, risk, persons, rules, event)
            told += decided(tx, risk, persons, rules, event.at, cause=event)
    await add_tallies(tx.connection, parts)
    await keep(tx, list(risks.values()), told, persons=persons, rules=rules, follow=follow)
    await ask_for_persons(tx, persons.merged_into, events)


async def _recall(tx: Transaction, events: Sequence[AnyReceived], risks: Mapping[str, Risk]) -> None:
    """What the last crossing was decided on, of whoever has something of before it to be heard now."""
    late = {
        risk.customer_id
        for event in events
        if (risk := risks[event.data.customer_id]).level_since and effective_at(event.data) < risk.level_since
    }
    if late:
        for customer_id, crossed in (await crossed_of(tx.connection, late)).items():
            risks[customer_id].crossed = crossed


async def fire_due_risks(tx: Transaction, customer_ids: Sequence[str], *, rules: Rules, follow: Follow) -> None:
    """Raise the risk of whoever has been silent for too long, as of the moment that was reached."""
    risks = await load(tx.connection, customer_ids)
    persons = await persons_among(tx.connection, risks)
    told: list[ToldCrossing] = []
    fired: list[Risk] = []
    come: dict[tuple[str, datetime], UUID] = {}
    for risk in risks.values():
        until = tx.clock_of(risk.customer_id)
        if risk.due_at is None or risk.due_at > until:
            continue
        fired.append(risk)
        survivor = persons.merged_into.get(risk.customer_id)
        if survivor is None:
            told += lived(tx, risk, persons, rules, until)
        else:
            come |= {(survivor, one.at): UUID(one.event_id) for one in count_come(risk, until)}
    await keep(tx, fired, told, persons=persons, rules=rules, follow=follow)
    await ask_for(tx, come)


async def let_rest(tx: Transaction, customer_id: str, at: datetime, *, rearmed: bool, rules: Rules) -> None:
    """Somebody has dealt with this customer: no crossing upwards for the model's rest, see `rest_from`."""
    risks = await load(tx.connection, [customer_id])
    persons = await persons_among(tx.connection, risks)
    rest_from(risks[customer_id], at, rearmed=rearmed)
    await keep(tx, list(risks.values()), [], persons=persons, rules=rules, follow=_nothing)


async def recheck_outdated(transactions: Transactions, *, rules: Rules) -> None:
    """Upkeep: set the timers of other versions of the model anew, a page at a time."""

    async def recheck(tx: Transaction, customer_ids: Sequence[str]) -> None:
        risks = await load(tx.connection, customer_ids)
        persons = await persons_among(tx.connection, risks)
        # Who was erased since has no row any more, and gets none here.
        there = [risk for risk in risks.values() if risk.is_settled]
        await keep(tx, there, [], persons=persons, rules=rules, follow=_nothing)

    await page_by_page(transactions, partial(outdated, version=rules.newest.model.version), recheck)


async def _nothing(_: Transaction, __: Sequence[ToldCrossing]) -> None:
    return


async def keep(
    tx: Transaction,
    changed: Sequence[Risk],
    told: Sequence[ToldCrossing],
    *,
    persons: Persons,
    rules: Rules,
    follow: Follow,
) -> None:
    """Save risks, each with the time to look at it again: one that was merged is looked at for what comes to it."""
    version = rules.newest.model.version
    for risk in changed:
        if risk.customer_id in persons.merged_into:
            risk.due_at, risk.model_version = None, version
        else:
            with persons.deciding(risk) as person:
                if not person.is_settled or person.model_version != version:
                    settle(person, rules)
            risk.out_at = foreseen(risk)
        look_no_later(risk)
    await save(tx.connection, changed, partition_of=tx.partition_of)
    crossed = [(risk.customer_id, risk.crossed) for risk in changed if risk.crossed and risk.crossed.is_changed]
    await keep_crossed(tx.connection, crossed)
    if told:
        await keep_crossings(tx.connection, told, known_at=tx.now)
        await follow(tx, told)
