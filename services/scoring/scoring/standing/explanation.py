"""The explanation of a tier over REST: the same for everybody who may read it, in both languages."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from scoring.scorecard.domain import Dimension, Tier
from scoring.standing.domain.evidence import evidence_of, points_by_dimension, values_of
from scoring.standing.domain.explaining import texts_of
from scoring.standing.domain.hashing import state_hash
from scoring.standing.domain.languages import name_of
from scoring.standing.domain.placing import is_by_people
from scoring.standing.domain.reaching import Change, way_up
from scoring.standing.domain.rounding import bounds_of
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Bank
from scoring.standing.domain.words import number
from scoring.standing.store.reading import Seen
from scoring.standing.views import DIMENSIONS_EXAMPLE


class SpokenView(BaseModel):
    """The same in both languages."""

    model_config = ConfigDict(from_attributes=True)

    en: str
    zh: str


class TextsView(BaseModel):
    """An explanation, by who reads it."""

    model_config = ConfigDict(from_attributes=True)

    customer: SpokenView
    staff: SpokenView


class ChangeView(BaseModel):
    """One feature into a better bin; one of `at_least` and `below` is null."""

    feature: str
    words: SpokenView
    value: str | None = Field(description="As of now")
    at_least: str | None = Field(description="Rounded up: who has as much as is told is in the better bin")
    below: str | None = Field(description="Rounded down, so that who is below what is told is in the better bin")
    points: int = Field(description="What it gains")


_TEXT: dict[str, JsonValue] = {
    "en": "You have been in the tier middle since 2025-03-04. …",
    "zh": "您自2025年3月4日起为“中”级客户。…",
}


class ExplanationView(BaseModel):
    """Why this tier, and what would reach the next one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "c-4f1d8a",
                    "tier": "middle",
                    "tier_since": "2025-03-04T09:12:44+00:00",
                    "points": 164,
                    "points_by_dimension": DIMENSIONS_EXAMPLE,
                    "next_tier": "high",
                    "missing_points": 51,
                    "changes": [
                        {
                            "feature": "average_balance",
                            "words": {"en": "average balance over 90 days", "zh": "近90天平均余额"},
                            "value": "18250.40",
                            "at_least": "70000.00",
                            "below": None,
                            "points": 52,
                        }
                    ],
                    "texts": {"customer": _TEXT, "staff": _TEXT},
                    "scorecard_version": 1,
                    "state_hash": "9f86d081884c7d659a2feaa0c55ad015",
                    "as_of": "2025-07-01T08:00:00+00:00",
                    "lag": 0,
                    "lag_known_at": "2025-07-01T07:59:59+00:00",
                }
            ]
        }
    )

    customer_id: str
    tier: Tier
    tier_since: datetime
    points: int
    points_by_dimension: dict[Dimension, int]
    next_tier: Tier | None = Field(description="Null at the top, and where people gave the tier")
    missing_points: int | None = Field(description="To the threshold of the next tier plus its band")
    changes: list[ChangeView] = Field(description="The smallest change of features that reaches the next tier")
    texts: TextsView
    scorecard_version: int
    state_hash: str
    as_of: datetime
    lag: int
    lag_known_at: datetime | None


def explained(seen: Seen, as_of: datetime, rules: Rules) -> ExplanationView:
    """Why this tier, as of `as_of`, and what would reach the next one."""
    standing, bank = seen.standing, rules.bank
    card = rules.cards.at(as_of)
    evidence = evidence_of(card, values_of(standing, as_of, bank, rules.rates, rules.model_for(as_of, card)))
    # No points move a tier that people gave.
    way = way_up(card, evidence, standing.tier) if standing.tier and not is_by_people(standing) else None
    return ExplanationView.model_validate(
        {
            "customer_id": standing.customer_id,
            "tier": standing.tier,
            "tier_since": standing.tier_since,
            "points": sum(item.points for item in evidence),
            "points_by_dimension": points_by_dimension(evidence),
            "next_tier": way.tier if way else None,
            "missing_points": way.missing if way else None,
            "changes": [change_told(change, bank) for change in way.changes] if way else [],
            "texts": texts_of(standing, card, evidence, way, bank),
            "scorecard_version": card.version,
            "state_hash": state_hash(standing),
            "as_of": as_of,
            "lag": seen.lag,
            "lag_known_at": seen.lag_known_at,
        },
        from_attributes=True,
    )


def change_told(change: Change, bank: Bank) -> dict[str, Any]:
    """One change as a `ChangeView` has it."""
    at_least, below = bounds_of(change, bank)
    return {
        "feature": change.feature.name,
        "words": name_of(change.feature),
        "value": number(change.value, change.feature.unit, bank),
        "at_least": None if at_least is None else f"{at_least:f}",
        "below": None if below is None else f"{below:f}",
        "points": change.points,
    }
