"""What is heard as the rules take it, and a lead as the bank's anti-money-laundering system hears of it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from churn_alert.abnormal.domain.judging import ValueOf, day_of_key
from churn_alert.abnormal.domain.leads import Lead, Step
from churn_alert.abnormal.domain.rules import Rules
from churn_alert.abnormal.domain.state import Posting, day_of
from churn_alert.abnormal.domain.valuing import Rates
from churn_alert.abnormal.domain.words import Kind
from churn_alert.abnormal.domain.working_days import WorkingDays
from rapport.events.bank import TransactionRecorded
from rapport.events.churn_alert import AbnormalActivityDetected
from rapport.events.money import MINOR_DIGITS, decimal_string, minor_units
from rapport.ids import derived_id

MOST_POSTED = 10**15
"""Minor units, of yuan ten trillion: a posting counts for no more, so that nine thousand of them on a day fit eight
bytes."""
_DIGITS = 15
"""Before the point: what a sum that is told has at most."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What leads are found by: the rules, and the days on which the bank works."""

    rules: Rules
    working_days: WorkingDays


def posting_of(fact: TransactionRecorded, rules: Rules) -> Posting:
    """A transaction as the rules take it; of a reversal, what it takes back."""
    back = fact.reverses
    at = (fact.occurred_at if back is None else back.occurred_at).astimezone(rules.zone)
    rules = rules.at(at)
    minor = min(minor_units(fact.amount, fact.currency), MOST_POSTED)
    night_from, night_until = rules.night
    is_credit = (fact.direction == "credit") is (back is None)
    return Posting(
        account=fact.account_id,
        day=at.toordinal(),
        sign=1 if back is None else -1,
        minor=minor,
        currency=fact.currency,
        flow=rules.codes.flow_of(fact.kind, fact.counterparty_class),
        direction="credit" if is_credit else "debit",
        is_own=fact.initiator == "customer",
        is_night=night_from <= at.hour < night_until,
        home_minor=minor if fact.currency == rules.home else 0,
        counterparty=fact.counterparty_class,
    )


def value_by(rates: Rates, rules: Rules) -> ValueOf:
    """Sums of other currencies in the rules' foreign one, by these rates."""

    def value_of(currency: str, minor: int, day: int) -> int | None:
        price = rates.price(currency, rules.foreign, day, over=rules.home)
        if price is None:
            return None
        digits = MINOR_DIGITS[rules.foreign] - MINOR_DIGITS[currency]
        return int(minor * price * 10**digits) if digits >= 0 else int(minor * price / 10**-digits)

    return value_of


def lead_id_of(customer_id: str, key: str) -> UUID:
    """The same finding about the same customer is the same lead, however often it is found."""
    midnight = datetime.fromisoformat(f"{key[:10]}T00:00:00+00:00")
    return derived_id(midnight, "abnormal-activity", customer_id, key)


def due_on(kind: Kind, key: str, at: datetime, watch: Watch) -> date:
    """By when it is to be referred: of a large sum counted from its day, of all else from when it was found."""
    start = day_of_key(key) if kind == "large" else day_of(at, watch.rules.zone)
    return watch.working_days.after(date.fromordinal(start), watch.rules.on(start).refer_within)


def end_of(day: date, watch: Watch) -> datetime:
    """The moment from which on what was due on a day is overdue."""
    return datetime.combine(day + timedelta(days=1), time.min, watch.rules.zone)


def fact_of(lead: Lead, step: Step, at: datetime) -> AbnormalActivityDetected:
    """A lead after a step, as it is told on the topic that compliance alone may read."""
    most = 10 ** (_DIGITS + MINOR_DIGITS[lead.currency]) - 1
    return AbnormalActivityDetected(
        customer_id=lead.customer_id,
        lead_id=str(lead.lead_id),
        rule=lead.rule,
        kind=lead.kind,
        day=lead.day,
        direction=lead.direction,
        transactions=max(lead.count, 0),
        amount=decimal_string(min(max(lead.minor, 0), most), lead.currency),
        currency=lead.currency,
        value=lead.value,
        normal_high=lead.normal_high,
        rules_version=lead.rules_version,
        due_on=lead.due_on,
        withdrawn=not lead.is_true,
        detected_at=at,
        step=step,
        revision=lead.revision,
        account_id=lead.account_id,
        counterparty_class=lead.counterparty_class,
    )
