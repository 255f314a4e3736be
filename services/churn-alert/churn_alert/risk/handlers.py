"""What churn-alert does with what customers do: load, fold, decide event by event, save, tell."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from churn_alert.risk.domain.ahead import keep_for_later, live_until, look_no_later
from churn_alert.risk.domain.behaviour import Bank, Posting, Risk, fold_negative_feedback, fold_posting, fold_use
from churn_alert.risk.domain.crossing import (
    Crossing,
    Rules,
    ToldCrossing,
    decide,
    rest_from,
    settle,
)
from churn_alert.risk.domain.indicators import Indicator
from churn_alert.risk.store.crossings import keep_crossings
from churn_alert.risk.store.risks import load, outdated, save
from rapport.events import churn_alert as facts
from rapport.events.bank import InteractionRecorded, TransactionRecorded
from rapport.events.base import AnyReceived
from rapport.events.feedback import FeedbackClassified
from rapport.events.money import minor_units
from rapport.messaging.locks import lock_free_customers
from rapport.messaging.transaction import Transaction, Transactions

_PAGE = 500


Follow = Callable[[Transaction, Sequence[ToldCrossing]], Awaitable[None]]
"""What is to be done about crossings, in the order in which they came about."""


async def on_behaviour(tx: Transaction, events: Sequence[AnyReceived], *, rules: Rules, follow: Follow) -> None:
    """Fold what customers did into their risks and decide each again at every event.

    One handler for all kinds, so that in stream time a batch keeps the order of time of the bank's facts; in wall time
    it comes topic after topic, each in its own order. What silence brought before an event, by all that was handled
    before it, is first.
    """
    risks = await load(tx.connection, {event.data.customer_id for event in events})
    told: list[ToldCrossing] = []
    for event in events:
        risk = risks[event.data.customer_id]
        told += _lived(tx, risk, rules, event.at)
        if _is_ahead(event):
            keep_for_later(risk, event.data.submitted_at, str(event.id))
            continue
        _fold(risk, event.data, rules.bank)
        crossing = decide(risk, rules, event.at)
        if crossing is not None:
            told.append(_tell(tx, crossing, cause=event))
    await _save(tx, list(risks.values()), told, rules=rules, follow=follow)


async def fire_due_risks(tx: Transaction, customer_ids: Sequence[str], *, rules: Rules, follow: Follow) -> None:
    """Raise the risk of whoever has been silent for too long, as of the moment that was reached."""
    risks = await load(tx.connection, customer_ids)
    told: list[ToldCrossing] = []
    fired: list[Risk] = []
    for risk in risks.values():
        until = tx.clock_of(risk.customer_id)
        if risk.due_at is not None and risk.due_at <= until:
            told += _lived(tx, risk, rules, until)
            fired.append(risk)
    await _save(tx, fired, told, rules=rules, follow=follow)


async def let_rest(tx: Transaction, customer_id: str, at: datetime, *, rearmed: bool, rules: Rules) -> None:
    """Somebody has dealt with this customer: no crossing upwards for the model's rest, see `rest_from`."""
    risk = (await load(tx.connection, [customer_id]))[customer_id]
    rest_from(risk, at, rearmed=rearmed)
    await _save(tx, [risk], [], rules=rules, follow=_nothing)


async def recheck_outdated(transactions: Transactions, *, rules: Rules) -> None:
    """Upkeep: set the timers of older versions of the model anew, a page at a time; the busy have their turn later."""
    is_going_on = True
    while is_going_on:
        async with transactions.begin() as tx:
            behind = await outdated(tx.connection, rules.model.version, limit=_PAGE)
            free = await lock_free_customers(tx.connection, behind)
            await _save(tx, list((await load(tx.connection, free)).values()), [], rules=rules, follow=_nothing)
        is_going_on = len(free) == _PAGE


async def _nothing(_: Transaction, __: Sequence[ToldCrossing]) -> None:
    return


async def _save(
    tx: Transaction, changed: Sequence[Risk], told: Sequence[ToldCrossing], *, rules: Rules, follow: Follow
) -> None:
    for risk in changed:
        if not risk.is_settled or risk.model_version != rules.model.version:
            settle(risk, rules)
        look_no_later(risk)
    await save(tx.connection, changed, partition_of=tx.partition_of)
    if told:
        await keep_crossings(tx.connection, told, known_at=tx.now)
        await follow(tx, told)


def _lived(tx: Transaction, risk: Risk, rules: Rules, until: datetime) -> list[ToldCrossing]:
    lived = live_until(risk, rules, until)
    return [_tell(tx, crossing, cause=event_id or _timer(crossing)) for crossing, event_id in lived]


def _is_ahead(event: AnyReceived) -> bool:
    """Feedback comes through a service of its own, which in stream time may be weeks ahead of this one."""
    match event.data:
        case FeedbackClassified(sentiment="negative", submitted_at=at):
            return bool(at > event.at)
    return False


def _fold(risk: Risk, fact: TransactionRecorded | InteractionRecorded | FeedbackClassified, bank: Bank) -> None:
    match fact:
        case TransactionRecorded():
            fold_posting(risk, posting_of(fact, bank), bank.zone)
        case InteractionRecorded():
            fold_use(risk, fact.occurred_at, bank.zone)
        case FeedbackClassified(sentiment="negative"):
            fold_negative_feedback(risk, fact.submitted_at)


def posting_of(fact: TransactionRecorded, bank: Bank) -> Posting:
    """The transaction as the rules take it."""
    return Posting(
        occurred_at=fact.occurred_at,
        minor=minor_units(fact.amount, fact.currency),
        is_credit=fact.direction == "credit",
        is_own=fact.initiator == "customer",
        counterparty=fact.counterparty_class,
        is_foreign=fact.currency != bank.currency,
        reversed_at=fact.reverses.occurred_at if fact.reverses else None,
    )


def _timer(crossing: Crossing) -> str:
    return f"risk:{crossing.customer_id}:{crossing.at.isoformat()}"


def _tell(tx: Transaction, crossing: Crossing, *, cause: AnyReceived | str) -> ToldCrossing:
    return ToldCrossing(tx.tell(fact_of(crossing), time=crossing.at, cause=cause), crossing, cause)


def fact_of(crossing: Crossing) -> facts.RiskThresholdCrossed:
    """What other services hear of a crossing."""
    return facts.RiskThresholdCrossed(
        customer_id=crossing.customer_id,
        direction=crossing.direction,
        cause=crossing.cause,
        probability=crossing.probability,
        threshold=crossing.threshold,
        horizon_days=crossing.model.horizon_days,
        indicators=tuple(_indicator(one) for one in crossing.indicators),
        model_version=crossing.model.version,
        crossed_at=crossing.at,
    )


def _indicator(one: Indicator) -> facts.Indicator:
    return facts.Indicator(name=one.name, value=one.value, normal_low=one.normal_low, normal_high=one.normal_high)
