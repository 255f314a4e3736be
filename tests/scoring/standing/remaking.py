"""A decision made again from no more than what is stored with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from scoring.scorecard.domain import Tier, Values
from scoring.standing.domain.evidence import Evidence, evidence_of, points_by_dimension, reasons_in
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.tiering import next_tier
from scoring.standing.domain.words import ToldEvidence, told


class Remade(NamedTuple):
    """What follows, named and written as the columns of a stored decision."""

    scorecard_version: int
    points: int
    points_by_dimension: Mapping[str, int]
    evidence: list[ToldEvidence]
    reasons: list[dict[str, Any]]
    tier: Tier


def remade(
    rules: Rules,
    values: Mapping[str, float | None],
    old_tier: Tier | None,
    below_since: datetime | None,
    decided_at: datetime,
) -> Remade:
    """By the scorecard of its moment."""
    card, known = rules.cards.at(decided_at), Values(**values)  # type: ignore[arg-type]
    evidence, points = evidence_of(card, known), card.points_of(known)
    return Remade(
        card.version,
        points,
        points_by_dimension(evidence),  # type: ignore[arg-type]
        [told(item, rules.bank) for item in evidence],
        reasons_told(reasons_in(evidence)),
        next_tier(card.thresholds, old_tier, below_since, points, decided_at, known.lifetime_value)[0],
    )


def reasons_told(reasons: list[Evidence]) -> list[dict[str, Any]]:
    """As they are stored."""
    return [
        {"feature": item.feature.name, "points": item.points, "shortfall": round(item.shortfall, 3)} for item in reasons
    ]
