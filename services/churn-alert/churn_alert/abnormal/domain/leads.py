"""What becomes of a lead: referred to the bank's own anti-money-laundering system, or dismissed by two persons.

One that was not true after all is withdrawn, and stays. The bank's system reports; here is only who was told, and when.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from churn_alert.abnormal.domain.judging import Finding
from churn_alert.abnormal.domain.words import Direction, Kind
from rapport.errors import DomainError

State = Literal["open", "dismissal-proposed", "dismissed", "referred", "withdrawn"]
Step = Literal["found", "withdrawn", "found-again", "referred", "dismissal-proposed", "dismissal-refused", "dismissed"]
Reason = Literal["explained", "own-accounts", "data-error", "reported-already", "not-reportable"]
_DONE = frozenset({"dismissed", "referred"})

TO_REFER = 5
"""Working days: PBOC Order 3 of 2016 asks for a large transaction to be reported within so many after it; a suspicious
one within so many after it was found to be one, which is for the bank's own system to say, so here after its lead."""


class AbnormalActivityNotFound(DomainError):
    """There is no such lead."""


class AbnormalActivityClosed(DomainError):
    """The lead is referred, dismissed or withdrawn; nothing more can be done with it."""


class DismissalAlreadyProposed(DomainError):
    """Somebody has proposed to dismiss this lead already; another person decides on it."""


class DismissalNotProposed(DomainError):
    """Nobody has proposed to dismiss this lead; propose it first."""


class DismissalNeedsAnother(DomainError):
    """Whoever proposed to dismiss a lead does not decide on it; another person has to."""


@dataclass(frozen=True, slots=True)
class Lead:
    """One finding about one customer, and what was done about it."""

    lead_id: UUID
    customer_id: str
    key: str
    rule: str
    kind: Kind
    day: date
    direction: Direction | None
    count: int
    minor: int
    currency: str
    threshold: int | None
    value: float | None
    usual: float | None
    normal_high: float | None
    deviations: float | None
    rules_version: int
    detected_at: datetime
    due_on: date
    state: State = "open"
    is_true: bool = True
    reason: Reason | None = None
    proposed_by: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    revision: int = 1


@dataclass(frozen=True, slots=True)
class LeadStep:
    """One line of a lead's history, with the figures it had then; `number` is the lead's revision after it."""

    lead_id: UUID
    number: int
    step: Step
    at: datetime
    count: int
    minor: int
    by: str | None = None
    reason: Reason | None = None


Stepped = tuple[Lead, LeadStep]


def found(lead_id: UUID, customer_id: str, finding: Finding, at: datetime, due_on: date, rules_version: int) -> Stepped:
    """A finding that there was no lead for."""
    measure = finding.measure
    lead = Lead(
        lead_id=lead_id,
        customer_id=customer_id,
        key=finding.key,
        rule=finding.rule,
        kind=finding.kind,
        day=finding.day,
        direction=finding.direction,
        count=finding.count,
        minor=finding.minor,
        currency=finding.currency,
        threshold=finding.threshold,
        value=measure.value if measure else None,
        usual=measure.usual if measure else None,
        normal_high=measure.normal_high if measure else None,
        deviations=measure.deviations if measure else None,
        rules_version=rules_version,
        detected_at=at,
        due_on=due_on,
    )
    return lead, LeadStep(lead_id, 1, "found", at, lead.count, lead.minor)


def found_again(lead: Lead, finding: Finding, at: datetime) -> Stepped:
    """It was not true for a while; what people decided of it stands."""
    state = "open" if lead.state == "withdrawn" else lead.state
    return _stepped(grown(replace(lead, is_true=True, state=state), finding), "found-again", at)


def grown(lead: Lead, finding: Finding) -> Lead:
    """The same finding with the figures it has now."""
    after = replace(lead, count=finding.count, minor=finding.minor)
    if (one := finding.measure) is None:
        return after
    ranged = replace(after, usual=one.usual, normal_high=one.normal_high)
    return replace(ranged, value=one.value, deviations=one.deviations)


def withdrawn(lead: Lead, at: datetime) -> Stepped:
    """It was not true after all; one that people have dealt with says so and keeps what they decided."""
    state = lead.state if lead.state in _DONE else "withdrawn"
    return _stepped(replace(lead, is_true=False, state=state), "withdrawn", at)


def refer(lead: Lead, at: datetime, by: str) -> Stepped:
    """Handed to the bank's own system. Raises AbnormalActivityClosed."""
    _refuse_closed(lead)
    return _stepped(replace(lead, state="referred", decided_by=by, decided_at=at), "referred", at, by)


def propose_dismissal(lead: Lead, at: datetime, by: str, reason: Reason) -> Stepped:
    """Raises AbnormalActivityClosed, DismissalAlreadyProposed."""
    _refuse_closed(lead)
    if lead.state == "dismissal-proposed":
        raise DismissalAlreadyProposed
    asked = replace(lead, state="dismissal-proposed", proposed_by=by, reason=reason)
    return _stepped(asked, "dismissal-proposed", at, by, reason)


def decide_dismissal(lead: Lead, at: datetime, by: str, *, is_approved: bool) -> Stepped:
    """Raises AbnormalActivityClosed, DismissalNotProposed, DismissalNeedsAnother."""
    _refuse_closed(lead)
    if lead.state != "dismissal-proposed":
        raise DismissalNotProposed
    if lead.proposed_by == by:
        raise DismissalNeedsAnother
    if is_approved:
        done = replace(lead, state="dismissed", decided_by=by, decided_at=at)
        return _stepped(done, "dismissed", at, by, lead.reason)
    back = replace(lead, state="open", proposed_by=None, reason=None)
    return _stepped(back, "dismissal-refused", at, by, lead.reason)


def _refuse_closed(lead: Lead) -> None:
    if lead.state in {*_DONE, "withdrawn"}:
        raise AbnormalActivityClosed


def _stepped(lead: Lead, step: Step, at: datetime, by: str | None = None, reason: Reason | None = None) -> Stepped:
    after = replace(lead, revision=lead.revision + 1)
    return after, LeadStep(lead.lead_id, after.revision, step, at, lead.count, lead.minor, by, reason)
