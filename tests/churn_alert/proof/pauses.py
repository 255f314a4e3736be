"""Customers who pause, and what a plain count over their days says of warnings: written without the code it is for."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import reduce
from itertools import count
from random import Random
from uuid import UUID

from churn_alert.proof.domain.departure import Definition
from churn_alert.proof.domain.outcome import Opened, Paused
from churn_alert.proof.handlers import Measuring, judge_alerts, judge_recency
from churn_alert.proof.noting import note_recency
from rapport.behaviour.active_days import ActiveDays
from tests.churn_alert.lives import BANK
from tests.support.delivering import Delivering

DEFINITION = Definition(silent_days=60, ahead_days=30, least_active_days=10, least_history_days=75)
AFTER = 30
FIRST, LAST = date(2025, 1, 1), date(2026, 1, 20)
MAY, OCTOBER = date(2025, 5, 1), date(2025, 10, 1)
"""What is compared: from the first month whose departures an alert could have told of, as far as all is judged."""
_DAY = timedelta(days=1)
_numbers = count(1 << 64)


@dataclass
class Customer:
    """`alerts`: the days on which they were opened."""

    name: str
    days: set[date]
    arm: str
    tier: str
    alerts: list[date] = field(default_factory=list)
    is_known: bool = True
    """The tier was told before anybody was silent."""


def drawn(size: int, seed: int) -> list[Customer]:
    """Four in ten of the warned are held out; some pause for weeks, some for months, some for good."""
    found = []
    for number in range(size):
        random = Random(f"{seed}-{number}")
        days, at, pace = {FIRST}, FIRST + _DAY, random.choice([0.3, 0.6])
        while at < LAST:
            if random.random() < 0.02:
                at += timedelta(days=random.randint(20, 110))
            elif random.random() < pace:
                days.add(at)
            at += _DAY
        if random.random() < 0.3:
            last = FIRST + timedelta(days=random.randint(100, 300))
            days = {day for day in days if day < last}
        alerts = [FIRST + timedelta(days=random.randint(35, 300)) for _ in range(random.choice([0, 0, 1, 1, 2]))]
        arm = random.choice(["held-out", "held-out", "treated", "treated", "treated"])
        tier, is_known = random.choice(["high", "low"]), random.random() < 0.8
        found.append(Customer(f"p-{number}", days, arm, tier, sorted(set(alerts)), is_known))
    return found


def active(days: Collection[date]) -> ActiveDays:
    """The same days as they are kept."""
    return reduce(ActiveDays.add, sorted(days), ActiveDays.on(min(days)))


def _established(days: Collection[date], begins_on: date) -> bool:
    return (begins_on - min(days)).days >= 75 and sum(day < begins_on for day in days) >= 10


def warnings(days: Collection[date], since: date, until: date, after: int = AFTER) -> list[date]:
    """The rule, by looking at each day: exactly so many days have passed in silence."""
    return [
        day
        for day in (since + timedelta(days=number) for number in range((until - since).days))
        if day - (after + 1) * _DAY in days
        and not any(day - back * _DAY in days for back in range(1, after + 1))
        and _established(days, day - after * _DAY)
    ]


def came_of(
    customer: Customer, day: date, *, later_days: bool = False, later_alerts: bool = False, after: int = AFTER
) -> Paused:
    """What came of a warning of that day. `later_…`: with what was only known after the window, which is cheating."""
    ends = LAST if later_days else day + 91 * _DAY
    days = {one for one in customer.days if one < ends}
    left = {
        begins: next((back for back in sorted(days) if back > begins), None)
        for begins in (one + _DAY for one in days)
        if begins not in days
        and begins + 60 * _DAY <= ends
        and not any(begins + number * _DAY in days for number in range(60))
        and _established(days, begins)
    }

    def is_told(at: date, begins: date) -> bool:
        back = left[begins]
        return at >= begins - 30 * _DAY and (back is None or at < back)

    right = min((begins for begins in left if is_told(day, begins)), default=None)
    own = day - after * _DAY
    alerts = [one for one in customer.alerts if later_alerts or one < day + 91 * _DAY]
    gone = right + 60 * _DAY if right else None
    arm = customer.arm if alerts else None
    if own not in left:
        return Paused(day, gone, None, None, None, arm)
    told = warnings(days, own - 30 * _DAY, day + _DAY, after)[0]
    alerted = next((one for one in alerts if is_told(one, own)), None)
    return Paused(day, gone, own + 60 * _DAY, told, alerted, arm)


def opened(customer: Customer) -> list[Opened]:
    """The alerts as judging takes them."""
    return [Opened(day, customer.arm) for day in customer.alerts]


async def write(service: Delivering, customers: Sequence[Customer]) -> None:
    """Risks and alerts like those of c-1, but for who is active when, and what was known of whom."""
    risks, alerts = json.dumps([_risk(one) for one in customers]), json.dumps([*_alerts(customers)])
    like = "SELECT (jsonb_populate_record(t, one)).* FROM jsonb_array_elements('{rows}') one, "
    await service.rows_written(
        f"INSERT INTO risks {like.format(rows=risks)} risks t WHERE t.customer_id = 'c-1'",
        f"INSERT INTO alerts {like.format(rows=alerts)} alerts t "
        "WHERE t.alert_id = (SELECT min(alert_id::text)::uuid FROM alerts WHERE customer_id = 'c-1')",
        "INSERT INTO alert_events (alert_id, number, step, happened_at, known_at) "
        "SELECT alert_id, 1, 'opened', opened_at, opened_at FROM alerts WHERE customer_id LIKE 'p-%'",
        "INSERT INTO tiers (customer_id, tier, revision, decided_at) SELECT one->>'customer_id', one->>'tier', 1, "
        f"(one->>'told_at')::timestamptz FROM jsonb_array_elements('{risks}') one",
        "INSERT INTO customers (customer_id, partition) SELECT customer_id, partition FROM risks "
        "ON CONFLICT DO NOTHING",
    )


def _risk(one: Customer) -> dict[str, object]:
    days = active(one.days)
    told = FIRST if one.is_known else LAST
    return {
        "customer_id": one.name,
        "active_days_from": str(days.first),
        "active_days": "\\x" + days.to_bytes().hex(),
        "due_at": None,
        "tier": one.tier,
        "told_at": f"{told} 00:00:00+00",
    }


def _alerts(customers: Sequence[Customer]) -> list[dict[str, object]]:
    return [
        {
            "alert_id": str(UUID(int=next(_numbers))),
            "crossing_id": str(UUID(int=next(_numbers))),
            "customer_id": one.name,
            "arm": one.arm,
            "experiment": "care-of-the-rest",
            "tier": one.tier,
            "opened_at": datetime.combine(day, time(12), BANK.zone).isoformat(),
            "status": "closed",
            "outcome": "recovered",
            "closed_at": datetime.combine(day + _DAY, time(12), BANK.zone).isoformat(),
            "due_at": None,
            "answer_by": None,
        }
        for one in customers
        for day in one.alerts
    ]


async def written(service: Delivering, customers: Sequence[Customer]) -> None:
    """The same, and nothing of who was lived."""
    await service.rows_written("UPDATE alerts SET arm = NULL, experiment = NULL")
    await write(service, customers)
    # Of those who were lived only their alerts are in the way.
    await service.rows_written(
        "DELETE FROM alert_events WHERE alert_id IN (SELECT alert_id FROM alerts WHERE customer_id LIKE 'c-%')",
        "DELETE FROM alerts WHERE customer_id LIKE 'c-%'",
        "DELETE FROM risks WHERE customer_id LIKE 'c-%'",
    )


async def keep_up(service: Delivering, measure: Measuring) -> None:
    """What upkeep notes and judges."""
    for upkeep in (note_recency, judge_alerts, judge_recency):
        await upkeep(service.runtime.transactions, measure=measure)
