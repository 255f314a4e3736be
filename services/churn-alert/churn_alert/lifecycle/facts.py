"""What is heard as the stages take it, and a change of stage as others hear of it."""

from datetime import UTC, date, datetime, time

from churn_alert.lifecycle.domain.deciding import Transition, is_stirred_by_activity
from churn_alert.lifecycle.domain.life import Account, Life, fold_account, fold_activity, fold_profile
from churn_alert.lifecycle.domain.rules import StageRules
from rapport.events.bank import AccountChanged, InteractionRecorded, TransactionRecorded
from rapport.events.base import AnyReceived
from rapport.events.churn_alert import LifecycleChanged
from rapport.events.customer_profile import CustomerProfiled

Heard = AccountChanged | CustomerProfiled | InteractionRecorded | TransactionRecorded
_OVER = "exited"
_EARLIEST = date(1900, 1, 2)
"""Cores say the first day of all for one they do not know, which has no midnight east of Greenwich; no fact is dated
before 1900."""


def concerns_stages(event: AnyReceived) -> bool:
    """Whether it can say anything of a stage: what the bank books by itself, or what is booked back, cannot."""
    match event.data:
        case TransactionRecorded():
            return bool(event.data.initiator == "customer" and event.data.reverses is None)
        case AccountChanged() | CustomerProfiled() | InteractionRecorded():
            return True
    return False


def fold(life: Life, fact: Heard, rules: StageRules) -> bool:
    """Take a fact that concerns stages; whether the stage is to be decided again."""
    match fact:
        case TransactionRecorded() | InteractionRecorded():
            is_new_day = fold_activity(life, fact.occurred_at, rules.zone)
            return is_new_day or is_stirred_by_activity(life, rules)
        case AccountChanged():
            opened = datetime.combine(max(fact.opened_on, _EARLIEST), time.min, rules.zone).astimezone(UTC)
            told = Account(fact.as_of, fact.status != "closed")
            return fold_account(life, fact.account_id, told, opened) or life.stage is None
        case CustomerProfiled():
            is_over = fact.relationship == _OVER or fact.status != "active"
            fold_profile(life, fact.as_of, fact.revision, unit=fact.unit, is_over=is_over)
            # A restriction that is lifted changes nothing here and yet lets behaviour count again.
            return True


def made_at(fact: Heard) -> datetime:
    """When what it says came about."""
    return fact.occurred_at if isinstance(fact, TransactionRecorded | InteractionRecorded) else fact.as_of


def fact_of(one: Transition) -> LifecycleChanged:
    """What other services hear of it: as of the moment it is about, whenever that was decided."""
    return LifecycleChanged(
        customer_id=one.customer_id,
        stage=one.stage,
        since=one.at,
        as_of=one.at,
        revision=one.revision,
        previous=one.previous,
        rule=one.rule,
    )
