"""Who may do what to a scorecard version, and when: nothing decides before a second person saw what it would do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rapport.errors import DomainError
from scoring.scorecard.domain import Fault, Scorecard, Tier, Values
from scoring.standing.domain.hysteresis import settled

NOTICE = timedelta(minutes=1)
"""From the approval to the first decision, at least: every worker has taken the version up long before."""
BRINGING_FORWARD_AFTER = timedelta(seconds=30)
"""From then on nobody decides by the former versions alone, so no due time is set by them any more."""
BIN = 10
"""Points of customers are counted in steps of so many."""


class NotADraft(DomainError):
    """The version was approved or withdrawn already."""


class ApproverIsAuthor(DomainError):
    """Who drafted a version cannot approve it."""


class ApprovalRefused(DomainError):
    """The version cannot be approved like this; every reason is listed."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = [(".".join(map(str, fault.place)), fault.rule) for fault in faults]


class DryRunNotFound(DomainError):
    """Nobody has asked what the version would do."""


class VersionInForce(DomainError):
    """What decides, or did, cannot be withdrawn."""


class NeverInForce(DomainError):
    """Only what decided once can be gone back to."""


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


@dataclass(slots=True)
class DryRun:
    """The whole book scored with a draft, as far as `scored_up_to`, a customer's id.

    `against`: the version in force meanwhile. `matrix`: how many customers would move from which tier to which.
    `points`: how many customers have so many points, in steps of BIN, by the version in force and by the draft.
    """

    version: int
    against: int
    requested_at: datetime
    customers_total: int
    customers_done: int = 0
    scored_up_to: str = ""
    finished_at: datetime | None = None
    matrix: dict[Tier, dict[Tier, int]] = field(default_factory=dict)
    points: dict[str, dict[str, int]] = field(default_factory=lambda: {"present": {}, "draft": {}})

    @property
    def moved(self) -> int:
        """How many customers would come to be in another tier."""
        return sum(count for old, row in self.matrix.items() for new, count in row.items() if new != old)

    @property
    def share_moved(self) -> float:
        """Of those scored so far; of an empty book nobody is moved."""
        return self.moved / self.customers_done if self.customers_done else 0.0

    def score(self, tier: Tier | None, values: Values, present: Scorecard, draft: Scorecard) -> None:
        """Count one customer, who is in `tier`: where the version in force would have them, and where the draft."""
        points = present.points_of(values), draft.points_of(values)
        for by, earned in zip(("present", "draft"), points, strict=True):
            start = str(earned // BIN * BIN)
            self.points[by][start] = self.points[by].get(start, 0) + 1
        old, new = settled(present.thresholds, tier, points[0]), settled(draft.thresholds, tier, points[1])
        row = self.matrix.setdefault(old, {})
        row[new] = row.get(new, 0) + 1
        self.customers_done += 1


@dataclass(frozen=True, slots=True)
class Approval:
    """What an approver says. `forced`: though more customers move than may be moved without."""

    effective_from: datetime
    reason: str
    forced: bool


def demand_second_person(release: Release, by: str) -> None:
    """Raises NotADraft and ApproverIsAuthor."""
    release.demand_draft()
    if by == release.drafted_by:
        raise ApproverIsAuthor("Who drafted a version cannot approve it: ask a second person")


def faults_of_effect(run: DryRun | None, *, in_force: int, limit: float, forced: bool) -> list[Fault]:
    """What speaks against approving by this dry-run. `limit`: the share of the book that may be moved without force."""
    if run is None or run.finished_at is None:
        return [Fault(("dry_run",), "is not finished: ask for one, or wait until it is over")]
    if run.against != in_force:
        return [Fault(("dry_run",), "is outdated: another version came into force since, ask for another one")]
    if run.share_moved > limit and not forced:
        moved = f"{run.share_moved:.1%} of the customers would move to another tier, and at most {limit:.1%} may"
        return [Fault(("forced",), f"is needed: {moved}")]
    return []


def faults_of_date(
    version: int, effective_from: datetime, approved: Mapping[int, datetime], now: datetime
) -> list[Fault]:
    """What speaks against this date. `approved`: the versions that decide now or later, and since when."""
    found, latest = [], max(approved, default=0)
    if version < latest:
        found.append(Fault(("version",), f"comes before {latest}, which was approved meanwhile: draft it again"))
    if effective_from < now + NOTICE:
        found.append(Fault(("effective_from",), f"does not lie {NOTICE.seconds} seconds ahead"))
    elif latest and effective_from <= approved[latest]:
        found.append(Fault(("effective_from",), f"does not lie after that of version {latest}, which is approved"))
    return found


def demand_withdrawable(release: Release, now: datetime) -> None:
    """Raises NotADraft and VersionInForce: only what decides nothing yet can be withdrawn."""
    if release.withdrawn_at is not None:
        raise NotADraft("The version was withdrawn already")
    if release.effective_from is not None and release.effective_from < now + NOTICE:
        raise VersionInForce("The version is in force, or about to be: go back to an earlier one instead")
