"""Stages for tests: the published rules, facts as they are told, a life decided fact by fact."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from churn_alert.lifecycle.documents import read_stage_versions
from churn_alert.lifecycle.domain.deciding import Transition, decide, live_until
from churn_alert.lifecycle.domain.life import Life
from churn_alert.lifecycle.domain.rules import StageRules
from churn_alert.lifecycle.facts import fold, made_at
from rapport.events.bank import AccountChanged
from rapport.events.base import Event
from rapport.events.customer_profile import CustomerProfiled
from tests.churn_alert.lives import BANK, START, Heard
from tests.churn_alert.lives import RULES as RISK_RULES

(DOCUMENT,) = read_stage_versions(None, today=date(2026, 1, 1))
RULES: StageRules = DOCUMENT.rulebook(RISK_RULES.model.lifetime, BANK.zone)


def account(customer_id: str, at: datetime = START, status: Any = "open", number: int = 1) -> AccountChanged:
    """An account as the core tells it, opened on the first day."""
    return AccountChanged(
        account_id=f"a-{customer_id}-{number}",
        customer_id=customer_id,
        type="current",
        status=status,
        opened_on=START.astimezone(BANK.zone).date(),
        closed_on=at.date() if status == "closed" else None,
        balance="0.00",
        currency="CNY",
        as_of=at,
    )


def profile(customer_id: str, at: datetime = START, revision: int = 1, **fields: Any) -> CustomerProfiled:
    """A customer whose relationship stands; `fields` replace what is said."""
    said: dict[str, Any] = {"type": "personal", "customer_class": "ordinary", "unit": "B1", "status": "active"}
    said |= {"relationship": "active", "relationship_manager": "e-rm"}
    return CustomerProfiled(customer_id=customer_id, as_of=at, revision=revision, **(said | fields))


def live(heard: Iterable[Heard], *, until: datetime | None = None, rules: StageRules = RULES) -> Life:
    """One customer after these facts, each decided as it is heard, and what time alone brings until then."""
    return told(heard, until=until, rules=rules)[0]


def told(
    heard: Iterable[Heard], *, until: datetime | None = None, rules: StageRules = RULES
) -> tuple[Life, list[Transition]]:
    """The same, and every change of stage on the way."""
    life, moved = Life("c-1"), list[Transition]()
    for at, event in ((one.at, one.event) for one in heard):
        moved += live_until(life, rules, at)
        if take(life, event, rules):
            moved += decide(life, rules, at, moment(event))
    if until is not None:
        moved += live_until(life, rules, until)
    return life, moved


def take(life: Life, event: Event, rules: StageRules = RULES) -> bool:
    """As the handler folds."""
    return fold(life, event, rules)  # type: ignore[arg-type]


def moment(event: Event) -> datetime:
    """When it came about."""
    return made_at(event)  # type: ignore[arg-type]


def stages(moved: Iterable[Transition]) -> list[tuple[str, str, datetime]]:
    """What became of a customer, by which rule, when."""
    return [(one.stage, one.rule, one.at) for one in moved]


def opened_at() -> datetime:
    """Midnight of the day on which the account was opened."""
    day = START.astimezone(BANK.zone)
    return datetime.combine(date(day.year, day.month, day.day), datetime.min.time(), BANK.zone)
