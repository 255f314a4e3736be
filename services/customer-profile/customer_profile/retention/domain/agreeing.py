"""Two people agree before anything ends: to a batch of what is due, and to letting go what was held."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID

from rapport.errors import DomainError

HoldReason = Literal["court-order", "investigation", "regulator", "dispute", "tax"]
Decision = Literal["approve", "refuse"]
State = Literal["open", "confirmed", "approved", "refused"]
Outcome = Literal["archived", "destroyed", "not-due"]


class HoldNotFound(DomainError):
    """There is no hold of this id."""


class HoldEnded(DomainError):
    """A hold that was released, or is over, is not released again."""


class HoldInvalid(DomainError):
    """A hold that would be over as it begins. `faults` names the field."""

    def __init__(self, field: str, rule: str) -> None:
        self.faults = [(field, rule)]
        super().__init__(f"{field} {rule}")


class BatchNotFound(DomainError):
    """There is no batch of this id."""


class BatchDecided(DomainError):
    """A batch is decided on once."""


class BatchNotApproved(DomainError):
    """Nothing of a batch is carried out before two people have agreed to it, nor under another version of the rules."""


class AnotherPersonAgrees(DomainError):
    """Who agreed first is not the second person."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Keeps a file whatever is due, up to and including the day `until`. Set by one person, released by two."""

    hold_id: UUID
    customer_id: str
    reason: HoldReason
    until: date
    set_by: str
    set_at: datetime
    release_asked_by: str | None = None
    release_asked_at: datetime | None = None
    released_by: str | None = None
    released_at: datetime | None = None

    def released(self, by: str, at: datetime, *, today: date) -> Self:
        """The hold after `by` agreed to its release: asked for at first, released at the second person's word.

        Raises HoldEnded and AnotherPersonAgrees.
        """
        if self.released_at is not None or self.until < today:
            raise HoldEnded(f"it ended on {self.released_at.date() if self.released_at else self.until}")
        if self.release_asked_by is None:
            return replace(self, release_asked_by=by, release_asked_at=at)
        if self.release_asked_by == by:
            raise AnotherPersonAgrees("another person than who asked for the release agrees to it")
        return replace(self, released_by=by, released_at=at)


@dataclass(frozen=True, slots=True)
class Batch:
    """Files that were due on a day by this version of the catalogue, as the rules found them: nobody picks a file."""

    batch_id: UUID
    due_on: date
    policy_version: int
    state: State
    proposed_at: datetime
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None

    def decided(self, decision: Decision, by: str, at: datetime) -> Self:
        """The batch after this person's word: the first to agree confirms it, a second approves; either may refuse.

        Raises BatchDecided and AnotherPersonAgrees.
        """
        if self.state in {"approved", "refused"}:
            raise BatchDecided(f"it is {self.state} since {self.decided_at:%Y-%m-%d %H:%M} UTC")
        if decision == "refuse":
            return replace(self, state="refused", decided_by=by, decided_at=at)
        if self.state == "open":
            return replace(self, state="confirmed", confirmed_by=by, confirmed_at=at)
        if self.confirmed_by == by:
            raise AnotherPersonAgrees("another person than who confirmed the batch approves it")
        return replace(self, state="approved", decided_by=by, decided_at=at)

    def demand_approval(self, policy_version: int) -> None:
        """Raises BatchNotApproved."""
        if self.state != "approved":
            raise BatchNotApproved(f"it is {self.state}: two people approve it, POST /retention/batches/…/decision")
        if self.policy_version != policy_version:
            raise BatchNotApproved(f"it was found by version {self.policy_version} of the data catalogue: propose anew")
