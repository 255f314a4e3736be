"""A stored decision over REST, with all it was made on and in words."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import RowMapping

from rapport.web import Page
from scoring.scorecard.domain import Dimension, Tier
from scoring.standing.domain.people import PeopleAct
from scoring.standing.domain.retelling import Past, retold
from scoring.standing.domain.rules import Rules
from scoring.standing.views import DIMENSIONS_EXAMPLE, EVIDENCE_EXAMPLE, EvidenceView, TextsView

_CUSTOMER: dict[str, JsonValue] = {
    "en": "On 2025-03-04 your customer tier changed from Standard to Preferred. …",
    "zh": "2025年3月4日，您的客户等级由“标准”调整为“优享”。…",
}
_STAFF: dict[str, JsonValue] = {
    "en": "On 2025-03-04 the tier changed from Standard (low) to Preferred (middle): 158 points by scorecard 1. …",
    "zh": "2025年3月4日，客户等级由“标准”（low）调整为“优享”（middle）：按第1版评分卡得158分。…",
}


class ReasonView(BaseModel):
    """A feature with fewer points than a typical customer has."""

    feature: str
    points: int
    shortfall: float


class DecisionView(BaseModel):
    """One change of tier, with all it was made on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "revision": 2,
                    "old_tier": "low",
                    "tier": "middle",
                    "rank": 2,
                    "ladder": 3,
                    "points": 158,
                    "points_by_dimension": {**DIMENSIONS_EXAMPLE, "value": 81},
                    "reasons": [{"feature": "average_balance", "points": 12, "shortfall": 7.0}],
                    "evidence": [EVIDENCE_EXAMPLE],
                    "explanation": "The customer rose from low to middle on 2025-03-04 with 158 points …",
                    "texts": {"customer": _CUSTOMER, "staff": _STAFF},
                    "scorecard_version": 1,
                    "cause": "event",
                    "decided_at": "2025-03-04T09:12:44Z",
                    "known_at": "2025-03-04T09:12:45Z",
                    "state_hash": "9f86d081884c7d659a2feaa0c55ad015",
                    "cause_event_id": "01956000-5c3e-8c1a-9b2f-3d4e5f607182",
                    "people_act": None,
                    "consent_version": 3,
                }
            ]
        }
    )

    revision: int
    old_tier: Tier | None = Field(description="Null for a customer's first decision")
    tier: Tier
    rank: int | None = Field(description="The tier's place in the ladder, 1 is the top; null for decisions of long ago")
    ladder: int | None = Field(description="How many tiers the ladder had")
    points: int
    points_by_dimension: dict[Dimension, int]
    reasons: list[ReasonView]
    evidence: list[EvidenceView]
    explanation: str = Field(description="For staff, in English, as it was written then")
    texts: TextsView = Field(
        description="The decision in both languages, for the customer and for staff, made again from what is stored"
    )
    scorecard_version: int
    cause: Literal["event", "time", "override"] = Field(
        description="Whether something happened, time alone changed the points, or people's override began or ended"
    )
    decided_at: datetime
    known_at: datetime
    state_hash: str | None = Field(description="Of all that was known of the customer; null for decisions of long ago")
    cause_event_id: UUID | None = Field(description="Null where time alone changed the points")
    people_act: PeopleAct | None = Field(
        description="What people did, where that moved the tier: an override began, replaced another, ended by time or "
        "was revoked; the customer refused automated decisions or took that back, said no to tiering or consented to "
        "it; the relationship was restricted, or that was lifted. Null too for decisions of long ago"
    )
    consent_version: int | None = Field(
        description="The revision of the customer's consents that was known then; null where none was"
    )


class HistoryView(Page[DecisionView]):
    """A file's own decisions, and where those of its customer are if they are another file's."""

    merged_into: str | None = Field(
        default=None,
        description="The file that this one was merged into: its history has what is decided of the customer from then "
        "on, on all files together; this one has no more decisions. Null of who is known by this file",
    )
    merged_since: datetime | None = Field(
        default=None, description="Since when; null too where that was before it was kept"
    )


def decision_view(row: RowMapping, rules: Rules) -> DecisionView:
    """A stored decision, told again by the version of the scorecard that made it."""
    card = next((one for one in rules.cards.cards if one.version == row["scorecard_version"]), None)
    texts = retold(Past(*(row[name] for name in Past._fields)), card, rules.bank)
    return DecisionView.model_validate({**row, "texts": texts}, from_attributes=True)
