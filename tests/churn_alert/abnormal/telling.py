"""Postings for tests of abnormal activity, the published rules, and a whole recount of what a day meets."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from churn_alert.abnormal.domain.finding import Change, follow
from churn_alert.abnormal.domain.rules import Rules
from churn_alert.abnormal.domain.state import Activity, fold
from churn_alert.abnormal.domain.valuing import Rates
from churn_alert.abnormal.facts import posting_of, value_by
from churn_alert.abnormal.reading import read_reporting, rules_of
from rapport.events.bank import TransactionRecorded
from tests.churn_alert.lives import paid

ZONE = ZoneInfo("Asia/Shanghai")
RULES = rules_of(read_reporting(currency="CNY", today=date(2025, 1, 1)), ZONE)
NO_RATES = value_by(Rates(()), RULES)
CASH = {"kind": "cash-deposit", "counterparty_class": "cash", "direction": "credit", "channel": "counter"}
OUT = {"kind": "transfer-out", "counterparty_class": "person", "direction": "debit", "channel": "mobile"}
IN = OUT | {"kind": "transfer-in", "direction": "credit", "initiator": "automatic"}
ABROAD = OUT | {"kind": "remittance-out", "counterparty_class": "abroad"}


def at(day: str, time: str = "12:00") -> datetime:
    """A moment of the bank's own day."""
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=ZONE)


def cash(moment: datetime, amount: str, customer_id: str = "c-1", **fields: Any) -> TransactionRecorded:
    """Cash paid in at the counter."""
    return paid(customer_id, moment, amount, **(CASH | fields))


def sent(moment: datetime, amount: str, customer_id: str = "c-1", **fields: Any) -> TransactionRecorded:
    """Money sent to somebody."""
    return paid(customer_id, moment, amount, **(OUT | fields))


def watched(
    told: Iterable[TransactionRecorded],
    *,
    rules: Rules = RULES,
    value_of: Any = NO_RATES,
    state: Activity | None = None,
) -> tuple[Activity, list[Change]]:
    """One file after these postings, judged at each of them, and what changed on the way."""
    state, changes = state or Activity("c-1"), []
    for fact in told:
        posting = posting_of(fact, rules)
        fold(state, posting)
        changes += follow(state, posting.day, rules, value_of)
    return state, changes


def found(told: Iterable[TransactionRecorded], **given: Any) -> list[str]:
    """The rules in force at the end, by day."""
    return sorted(watched(told, **given)[0].in_force)


def rules_met(told: Iterable[TransactionRecorded], **given: Any) -> set[str]:
    """The same, without days."""
    return {key.split("|")[1] for key in found(told, **given)}


def usual_life(days: int, *, start: datetime, amount: str = "80.00", every: int = 1) -> list[TransactionRecorded]:
    """A customer who pays once a day, by day."""
    return [
        paid("c-1", start + timedelta(days=number), amount, transaction_no=f"u-{number}")
        for number in range(0, days, every)
    ]


def large_by_recount(told: Iterable[TransactionRecorded]) -> set[str]:
    """The thresholds of Order 3 of 2016 for a natural person in yuan, counted from the postings themselves."""
    sums: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for fact in told:
        sign = -1 if fact.reverses else 1
        moment = fact.reverses.occurred_at if fact.reverses else fact.occurred_at
        direction = fact.direction
        if fact.reverses:
            direction = "debit" if direction == "credit" else "credit"
        if fact.counterparty_class in {"bank", "own-account"} or fact.currency != "CNY":
            continue
        flow = {"cash": "large-cash", "abroad": "large-cross-border-person"}.get(
            fact.counterparty_class or "", "large-transfer-person"
        )
        sums[str(moment.astimezone(ZONE).date()), flow, direction] += sign * int(fact.amount.replace(".", ""))
    least = {"large-cash": 50_000, "large-cross-border-person": 200_000, "large-transfer-person": 500_000}
    return {f"{day}|{rule}|{side}|home" for (day, rule, side), minor in sums.items() if minor >= 100 * least[rule]}
