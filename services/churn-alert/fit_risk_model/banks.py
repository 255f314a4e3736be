"""Simulated banks by customer: what each did, and how it turned."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from math import inf
from typing import NamedTuple
from zoneinfo import ZoneInfo

from churn_alert.risk.domain.behaviour import Bank as Rulebook
from fit_risk_model.books import Book, Told
from fit_risk_model.progress import shown
from rapport.events.bank import FeedbackSubmitted, InteractionRecorded, TransactionRecorded
from simulator.bank import Bank, Plan
from simulator.bank.decline import Decline
from simulator.bank.plan import BANK_ZONE
from simulator.wire import moment

BANK = Rulebook("CNY", ZoneInfo("Asia/Shanghai"))
LABEL = "the planted decline is complete"
LONG_GONE = 30
"""Days after which one who is gone is no longer somebody to warn of."""
_EVENTS = {event.name: event for event in (TransactionRecorded, InteractionRecorded, FeedbackSubmitted)}


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


def book_of(bank: Simulated) -> Book:
    """The same for the fit. Drifting away is having lost all by then: the planted decline is complete."""

    def gone(customer: str, at: datetime, days: int) -> bool | None:
        decline = bank.lives[customer].decline
        if at + timedelta(days=days) > bank.end:
            return None
        if decline is None or decline.gone_on is None:
            return False
        if (at.date() - decline.gone_on).days > LONG_GONE:
            return None
        return decline.gone_on <= (at + timedelta(days=days)).date()

    lives = {key: life.events for key, life in bank.lives.items()}
    return Book(f"bank {bank.seed}", BANK, lives, midnight(bank.plan, 0), bank.plan.length, {LABEL: gone})
