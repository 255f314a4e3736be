"""What becomes of a version: a draft, in force from a date that a second person gave, or withdrawn before that."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapport.errors import DomainError
from scoring.version.domain.faults import Fault, FaultsFound

NOTICE = timedelta(minutes=1)
"""From the approval until the version is in force, at least: every process has taken it up long before."""


class VersionNotFound(DomainError):
    """There is no such version. `noun`: what it would be one of; `plural`: where these are listed."""

    def __init__(self, noun: str, plural: str) -> None:
        super().__init__(f"There is no {noun} of this version: check version; GET /{plural} lists all there are")


class VersionAltered(Exception):
    """A version that was in force before now says something else."""


class NotADraft(DomainError):
    """The version was approved or withdrawn already."""


class ApproverIsAuthor(DomainError):
    """Who drafted a version, or made it the challenger, cannot approve it."""


class ApprovalRefused(FaultsFound):
    """The version cannot be approved like this; every reason is listed."""


class VersionInForce(DomainError):
    """What is in force, or was, cannot be withdrawn."""


class WithdrawalNeedsApprover(DomainError):
    """What was approved is undone only by who may approve."""


class NeverInForce(DomainError):
    """Only what was in force once can be gone back to."""


@dataclass(frozen=True, slots=True)
class Release:
    """One version and what became of it so far."""

    version: int
    drafted_by: str | None
    effective_from: datetime | None
    withdrawn_at: datetime | None

    def demand_draft(self) -> None:
        """Raises NotADraft."""
        if self.effective_from is not None or self.withdrawn_at is not None:
            raise NotADraft("The version was approved or withdrawn already: draft another one")

    def demand_second_person(self, by: str) -> None:
        """Raises NotADraft and ApproverIsAuthor."""
        self.demand_draft()
        if by == self.drafted_by:
            raise ApproverIsAuthor("Who drafted a version cannot approve it: ask a second person")

    def demand_withdrawable(self, now: datetime) -> None:
        """Raises NotADraft and VersionInForce: only what is not in force yet can be withdrawn."""
        if self.withdrawn_at is not None:
            raise NotADraft("The version was withdrawn already: there is nothing left to withdraw")
        if self.effective_from is not None and self.effective_from < now + NOTICE:
            raise VersionInForce("The version is in force, or about to be: go back to an earlier one instead")


def faults_of_date(
    version: int, effective_from: datetime, approved: Mapping[int, datetime], now: datetime
) -> list[Fault]:
    """What speaks against this date. `approved`: the versions that are in force now or later, and since when."""
    found, latest = [], max(approved, default=0)
    if version < latest:
        found.append(Fault(("version",), f"comes before {latest}, which was approved meanwhile: draft it again"))
    if effective_from < now + NOTICE:
        found.append(Fault(("effective_from",), f"does not lie {NOTICE.seconds} seconds ahead"))
    elif latest and effective_from <= approved[latest]:
        found.append(Fault(("effective_from",), f"does not lie after that of version {latest}, which is approved"))
    return found


def in_force(approved: Mapping[int, datetime], now: datetime) -> int:
    """The version in force at a moment; 0 before the first."""
    return max((version for version, since in approved.items() if since <= now), default=0)
