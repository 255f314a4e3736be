"""The explanation of a tier over REST: the same for everybody who may read it, in both languages."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from scoring.scorecard.domain import Dimension, Tier
from scoring.standing.domain.evidence import evidence_of, points_by_dimension, values_of
from scoring.standing.domain.explaining import texts_of
from scoring.standing.domain.hashing import state_hash
from scoring.standing.domain.languages import name_of
from scoring.standing.domain.people import PeopleAct
from scoring.standing.domain.placing import is_by_people
from scoring.standing.domain.reaching import Change, way_up
from scoring.standing.domain.rounding import bounds_of, rounded_up
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Bank
from scoring.standing.domain.words import number, told
from scoring.standing.store.decisions import Origin
from scoring.standing.store.reading import Seen
from scoring.standing.views import DIMENSIONS_EXAMPLE, EVIDENCE_EXAMPLE, EvidenceView, SpokenView, TextsView


class ChangeView(BaseModel):
    """One feature into a better bin; one of `at_least` and `below` is null."""

    feature: str
    words: SpokenView
    value: str | None = Field(description="As of now")
    at_least: str | None = Field(description="Rounded up: who has as much as is told is in the better bin")
    below: str | None = Field(description="Rounded down, so that who is below what is told is in the better bin")
    points: int = Field(description="What it gains")


_CUSTOMER: dict[str, JsonValue] = {
    "en": "Your customer tier has been Preferred since 2025-03-04. …",
    "zh": "您自2025年3月4日起的客户等级为“优享”。…",
}
_STAFF: dict[str, JsonValue] = {
    "en": "Tier Preferred (middle) since 2025-03-04, 176 points by scorecard 1. …",
    "zh": "自2025年3月4日起等级为“优享”（middle），按第1版评分卡得176分。…",
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
                    "revision": 2,
                    "cause_event_id": "01956000-5c3e-8c1a-9b2f-3d4e5f607182",
                    "people_act": None,
                    "points": 176,
                    "points_by_dimension": DIMENSIONS_EXAMPLE,
                    "evidence": [EVIDENCE_EXAMPLE],
                    "next_tier": "high",
                    "missing_points": 68,
                    "changes": [
                        {
                            "feature": "monthly_assets",
                            "words": {"en": "average daily assets last month", "zh": "上月日均资产"},
                            "value": "42000.00",
                            "at_least": "300000.00",
                            "below": None,
                            "points": 68,
                        }
                    ],
                    "lifetime_value": None,
                    "next_tier_from_lifetime_value": None,
                    "texts": {"customer": _CUSTOMER, "staff": _STAFF},
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
    revision: int = Field(description="Of the decision that gave the tier: the history has it, in words too")
    cause_event_id: UUID | None = Field(
        description="The event that caused that decision; null where time or people did"
    )
    people_act: PeopleAct | None = Field(description="What people did that led to that decision, as in the history")
    points: int
    points_by_dimension: dict[Dimension, int]
    evidence: list[EvidenceView] = Field(description="Points by feature as of `as_of`, with values and bins")
    next_tier: Tier | None = Field(description="Null at the top, and where people gave the tier")
    missing_points: int | None = Field(description="To the threshold of the next tier plus its band")
    changes: list[ChangeView] = Field(description="The smallest change of features that reaches the next tier")
    lifetime_value: str | None = Field(
        description="What the customer is expected to bring; null where the scorecard does not ask, without a model, "
        "and of who has no activity of their own"
    )
    next_tier_from_lifetime_value: str | None = Field(
        description="So much of it reaches the next tier too, its band included; null where none does and with "
        "`next_tier`"
    )
    texts: TextsView
    scorecard_version: int
    state_hash: str
    as_of: datetime
    lag: int
    lag_known_at: datetime | None


def explained(seen: Seen, as_of: datetime, rules: Rules, origin: Origin) -> ExplanationView:
    """Why this tier, as of `as_of`, and what would reach the next one. `origin`: of the present tier."""
    standing, bank = seen.standing, rules.bank
    card = rules.cards.at(as_of)
    values = values_of(standing, as_of, bank, rules.rates, rules.model_for(as_of, card))
    evidence, value = evidence_of(card, values), values.lifetime_value
    # No points move a tier that people gave.
    way = way_up(card, evidence, standing.tier, value) if standing.tier and not is_by_people(standing) else None
    return ExplanationView.model_validate(
        {
            "customer_id": standing.customer_id,
            "tier": standing.tier,
            "tier_since": standing.tier_since,
            "revision": standing.revision,
            "cause_event_id": origin.event_id,
            "people_act": origin.people_act,
            "points": sum(item.points for item in evidence),
            "points_by_dimension": points_by_dimension(evidence),
            "evidence": [told(item, bank) for item in evidence],
            "next_tier": way.tier if way else None,
            "missing_points": way.missing if way else None,
            "changes": [change_told(change, bank) for change in way.changes] if way else [],
            "lifetime_value": number(value, "money", bank),
            "next_tier_from_lifetime_value": f"{rounded_up(way.value, 'money', bank):f}" if way and way.value else None,
            "texts": texts_of(standing, card, evidence, way, bank, value, origin.people_act),
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
