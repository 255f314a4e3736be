"""Simulated banks by customer: what each did, how it turned, and the service's own fold of it."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from math import inf
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from churn_alert.risk.domain.behaviour import Bank as Rulebook
from churn_alert.risk.domain.behaviour import Risk, fold_negative_feedback, fold_posting, fold_use
from churn_alert.risk.facts import posting_of
from fit_risk_model.progress import shown
from rapport.events.bank import FeedbackSubmitted, InteractionRecorded, TransactionRecorded
from simulator.bank import Bank, Plan
from simulator.bank.decline import Decline
from simulator.bank.plan import BANK_ZONE
from simulator.wire import moment

BANK = Rulebook("CNY", ZoneInfo("Asia/Shanghai"))
_EVENTS = {event.name: event for event in (TransactionRecorded, InteractionRecorded, FeedbackSubmitted)}


class Told(NamedTuple):
    """An event and when the bank told it, which may be days after what it is dated."""

    at: datetime
    event: Any


class Life(NamedTuple):
    """One customer's history and, for a decliner, how it turned."""

    events: list[Told]
    decline: Decline | None


class Simulated(NamedTuple):
    """A bank's customers by id, and the plan it follows."""

    lives: dict[str, Life]
    plan: Plan

    @property
    def seed(self) -> int:
        """What names the bank."""
        return self.plan.seed

    @property
    def end(self) -> datetime:
        """The midnight after the last day."""
        return midnight(self.plan, self.plan.length)


def midnight(plan: Plan, index: int) -> datetime:
    """When the day of that index begins."""
    return datetime.combine(plan.start + timedelta(days=index), time.min, BANK_ZONE)


def simulated(plan: Plan) -> Simulated:
    """The bank of that plan."""
    bank = Bank(plan)
    declines = {line.customer_id: line for line in bank.decliners()}
    events: dict[str, list[Told]] = defaultdict(list)
    records = iter(bank.records())
    for index in shown(range(1, plan.length + 1), f"simulating bank {plan.seed}"):
        until = midnight(plan, index).timestamp() * 1000 if index < plan.length else inf
        for record in records:
            wanted = _EVENTS.get(record.topic)
            if wanted is not None and b'"customer_id"' in record.value:
                event = wanted.model_validate_json(record.value)
                events[event.key].append(Told(moment(record.time_ms), event))
            if record.time_ms >= until:
                break
    return Simulated({key: Life(found, declines.get(key)) for key, found in events.items()}, plan)


def fold(risk: Risk, event: Any) -> None:
    """As the service folds; a complaint, or one or two stars, is what the feedback service calls negative."""
    match event:
        case TransactionRecorded():
            fold_posting(risk, posting_of(event, BANK), BANK.zone)
        case InteractionRecorded():
            fold_use(risk, event.occurred_at, BANK.zone)
        case FeedbackSubmitted(kind="complaint") | FeedbackSubmitted(rating=1 | 2):
            fold_negative_feedback(risk, event.submitted_at)


def folded(life: Life) -> Risk:
    """A customer after all that happened."""
    risk = Risk("c")
    for told in life.events:
        fold(risk, told.event)
    return risk
