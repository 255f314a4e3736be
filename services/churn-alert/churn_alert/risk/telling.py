"""Decisions on risks, told: what time brought, what an event brings, and what late events show to be untrue."""

from datetime import datetime

from churn_alert.risk.domain.ahead import Lived, live_until
from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.clearing import clear
from churn_alert.risk.domain.crossing import Crossing, Rules, ToldCrossing, decide
from churn_alert.risk.domain.persons import Persons
from churn_alert.risk.facts import effective_at, fact_of, fold
from rapport.events.base import AnyReceived
from rapport.messaging.transaction import Transaction


def lived(
    tx: Transaction, risk: Risk, persons: Persons, rules: Rules, until: datetime, *, is_deciding: bool = False
) -> list[ToldCrossing]:
    """Tell what came about up to `until` without an event of now; `is_deciding`: the caller decides next."""
    is_alone = risk.customer_id not in persons.others and not risk.ahead
    if is_alone and risk.is_settled and (risk.due_at is None or risk.due_at > until):
        return []
    found: list[Lived] = []
    for moment in persons.heard_again(risk, until):
        found += live_until(risk, rules, moment, persons.at(moment, with_events_of_it=False))
    found += live_until(risk, rules, until, persons.at(until, with_events_of_it=False), is_deciding=is_deciding)
    told = [_tell(tx, crossing, cause=event_id or _timer(crossing)) for crossing, event_id in found]
    return _named(risk, told)


def decided(
    tx: Transaction, risk: Risk, persons: Persons, rules: Rules, at: datetime, *, cause: AnyReceived | str
) -> list[ToldCrossing]:
    """Decide a person again as of `at` and tell a crossing; `cause`: the event, or its id."""
    with persons.at(at, with_events_of_it=True).deciding(risk) as person:
        crossing = decide(person, rules, at)
    return [] if crossing is None else _named(risk, [_tell(tx, crossing, cause=cause)])


def _named(risk: Risk, told: list[ToldCrossing]) -> list[ToldCrossing]:
    """Have what the last of these was decided on know its id."""
    if told and risk.crossed:
        risk.crossed.crossing_id = told[-1].crossing_id
    return told


def _timer(crossing: Crossing) -> str:
    return f"risk:{crossing.customer_id}:{crossing.at.isoformat()}"


def _tell(tx: Transaction, crossing: Crossing, *, cause: AnyReceived | str) -> ToldCrossing:
    return ToldCrossing(tx.tell(fact_of(crossing), time=crossing.at, cause=cause), crossing, cause)


def cleared(tx: Transaction, risk: Risk, persons: Persons, rules: Rules, event: AnyReceived) -> list[ToldCrossing]:
    """Let what came late count at the last crossing too, and clear it if that was not true."""
    if risk.crossed is None or effective_at(event.data) >= risk.crossed.at:
        return []
    fold(risk.crossed.state, event.data, rules.bank)
    risk.crossed.is_changed = True
    with persons.deciding(risk) as person:
        crossing = clear(person, rules, event.at)
    return [] if crossing is None else [_tell(tx, crossing, cause=event)]
