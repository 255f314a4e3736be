"""A version of the scorecard that is approved after a decision is heeded by the next one."""

from scoring.scorecard.domain import Scorecards
from scoring.standing.domain.state import Standing


def heed_versions(standing: Standing, cards: Scorecards) -> None:
    """Let a version that was approved after the last decision come first, though nobody has set the due time anew."""
    if standing.decided_at is not None and standing.due_at is not None:
        change = cards.next_change(standing.decided_at)
        if change is not None and change < standing.due_at:
            standing.due_at = change
