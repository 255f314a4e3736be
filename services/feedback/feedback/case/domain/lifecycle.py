"""The closed loop of a case: opened, responded, resolved, and reopened as often as the customer is not content.

Each transition is a pure function of the case and the moment; what state forbids is an error with a name.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from feedback.case.domain.assessment import Kind, Priority, Sentiment, Severity, assess, priority_of
from feedback.case.domain.clocks import Clock, ClockName, start, stop
from rapport.errors import DomainError

Status = Literal["recorded", "opened", "responded", "resolved", "reopened"]
Channel = Literal[
    "branch", "atm", "counter", "mobile", "web", "card", "contact-centre", "transfer", "batch", "social", "referral"
]


class CaseNotFound(DomainError):
    """There is no such case."""


class CustomerNotFound(DomainError):
    """There is no such customer whom the caller could speak for."""


class CustomerErasedHere(DomainError):
    """Nothing is kept of this customer any more, and the token is not used again."""


class AnswerNotOwed(DomainError):
    """The feedback was kept and asks for nothing."""


class CaseAlreadyAnswered(DomainError):
    """The customer has had an answer since the case was opened or reopened."""


class CaseNotAnswered(DomainError):
    """Nobody has answered the customer yet, so nothing is resolved."""


class CaseAlreadyResolved(DomainError):
    """The case is resolved; it can be reopened."""


class CaseNotResolved(DomainError):
    """Only what was resolved can be reopened."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What a customer said, where and when. The words never show in a log or a stack."""

    case_id: UUID
    customer_id: str
    channel: Channel
    kind: Kind
    rating: int | None
    language: str
    product: str | None
    unit: str | None
    submitted_at: datetime
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Case:
    """Feedback and what became of it. `clocks` are those of every run; feedback that is owed no answer has none."""

    case_id: UUID
    customer_id: str
    channel: Channel
    kind: Kind
    rating: int | None
    language: str
    product: str | None
    unit: str | None
    submitted_at: datetime
    sentiment: Sentiment
    severity: Severity
    priority: Priority
    status: Status
    run: int
    opened_at: datetime
    root_cause: str | None = None
    clocks: tuple[Clock, ...] = ()


def open_case(said: Submission, at: datetime, *, is_top: bool) -> Case:
    """Take feedback in. The clocks count from the customer's own moment, however late we hear of it.

    The priority is decided here, by the tier known here, and stays; `is_top`: it is the highest. Raises RatingMissing.
    """
    found = assess(said.kind, said.rating)
    return Case(
        case_id=said.case_id,
        customer_id=said.customer_id,
        channel=said.channel,
        kind=said.kind,
        rating=said.rating,
        language=said.language,
        product=said.product,
        unit=said.unit,
        submitted_at=said.submitted_at,
        sentiment=found.sentiment,
        severity=found.severity,
        priority=priority_of(said.kind, found.severity, is_top=is_top),
        status="opened" if found.is_answer_owed else "recorded",
        run=1,
        opened_at=at,
        clocks=start(said.case_id, said.customer_id, run=1, at=said.submitted_at) if found.is_answer_owed else (),
    )


def respond(case: Case, at: datetime) -> Case:
    """The customer has an answer: the first clock stops."""
    match case.status:
        case "opened" | "reopened":
            return replace(case, status="responded", clocks=_stopped(case, "respond", at))
        case "responded":
            raise CaseAlreadyAnswered
        case "resolved":
            raise CaseAlreadyResolved
        case "recorded":
            raise AnswerNotOwed


def resolve(case: Case, at: datetime, *, root_cause: str | None) -> Case:
    """What the customer asked for is done: the second clock stops."""
    match case.status:
        case "responded":
            return replace(case, status="resolved", root_cause=root_cause, clocks=_stopped(case, "resolve", at))
        case "opened" | "reopened":
            raise CaseNotAnswered
        case "resolved":
            raise CaseAlreadyResolved
        case "recorded":
            raise AnswerNotOwed


def reopen(case: Case, at: datetime) -> Case:
    """The customer is not content and waits as on the first day: both clocks begin a new run."""
    match case.status:
        case "resolved":
            run = case.run + 1
            clocks = start(case.case_id, case.customer_id, run=run, at=at)
            return replace(case, status="reopened", run=run, clocks=(*case.clocks, *clocks))
        case "opened" | "responded" | "reopened":
            raise CaseNotResolved
        case "recorded":
            raise AnswerNotOwed


def _stopped(case: Case, name: ClockName, at: datetime) -> tuple[Clock, ...]:
    return tuple(stop(clock, at) if clock.run == case.run and clock.name == name else clock for clock in case.clocks)
