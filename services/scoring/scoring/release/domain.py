"""What a scorecard version would do to the whole book: nobody approves it before that was seen."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rapport.errors import DomainError
from scoring.scorecard.domain import Fault, Scorecard, Tier, Values
from scoring.standing.domain.hysteresis import settled

BRINGING_FORWARD_AFTER = timedelta(seconds=30)
"""From then on nobody decides by the former versions alone, so no due time is set by them any more."""
BIN = 10
"""Points of customers are counted in steps of so many."""


class DryRunNotFound(DomainError):
    """Nobody has asked what the version would do."""


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
        old, new = (
            settled(card.thresholds, tier, earned, values.lifetime_value)
            for card, earned in zip((present, draft), points, strict=True)
        )
        row = self.matrix.setdefault(old, {})
        row[new] = row.get(new, 0) + 1
        self.customers_done += 1


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
