"""What an appeal is owed: a review by a person who did not decide it before, and an answer that is never altered."""

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from rapport.errors import DomainError
from scoring.override.domain import Proposal

Outcome = Literal["upheld", "changed"]
"""`upheld`: the decision stands. `changed`: people gave another tier, by an override."""
Grounds = Literal["decision-correct", "data-error", "missing-information", "circumstances", "other"]


class DecisionNotFound(DomainError):
    """The customer has no decision of this revision."""


class AppealNotFound(DomainError):
    """There is no appeal of this id, or none that the asker may see: no answer tells which."""

    def __init__(self) -> None:
        super().__init__(
            "There is no appeal of this id: check appeal_id, which the answer to opening it gave. GET /appeals lists "
            "those still open, with state=answered the others, for who may read all"
        )


class AppealAlreadyOpen(DomainError):
    """A review of this decision is under way."""


class AppealAlreadyAnswered(DomainError):
    """An answer is given once."""


class ReviewerTookPart(DomainError):
    """Who proposed or approved what is reviewed, or approved what follows from it, does not answer."""


class AnswerWithoutEffect(DomainError):
    """A decision is changed by an override of this customer that is in force."""


@dataclass(frozen=True, slots=True)
class Appeal:
    """A review of the decision `revision` on a customer, answered or not."""

    appeal_id: UUID
    customer_id: str
    revision: int
    due_at: datetime
    answered_at: datetime | None

    def is_overdue(self, now: datetime) -> bool:
        """Not answered in time: the answer came late, or is still owed."""
        return (self.answered_at or now) >= self.due_at


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person found. `override_id`: what changed the tier, where it was changed. `note` is kept encrypted."""

    outcome: Outcome
    reason: Grounds
    override_id: UUID | None
    note: str | None = field(default=None, repr=False)


def demand_answerable(appeal: Appeal, by: str, parties: Set[str], override: Proposal | None, answer: Answer) -> None:
    """`parties`: who proposed or approved what led to the decision, or approved what changes it. `override`: the one
    that the answer names.

    Raises AppealAlreadyAnswered, ReviewerTookPart and AnswerWithoutEffect.
    """
    if appeal.answered_at is not None:
        raise AppealAlreadyAnswered("The appeal was answered: what was answered is never altered")
    if answer.outcome == "changed":
        is_theirs = override is not None and override.customer_id == appeal.customer_id
        if override is None or not is_theirs or override.state != "in-force":
            raise AnswerWithoutEffect("override_id: names no override of this customer that is in force")
    if by in parties:
        raise ReviewerTookPart("Who proposed or approved the override in question cannot answer: ask another person")
