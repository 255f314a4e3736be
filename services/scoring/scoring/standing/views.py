"""What standings look like over REST."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import RowMapping

from scoring.scorecard.domain import Dimension, Tier, Unit


class EvidenceView(BaseModel):
    """One feature: its value, the bin it falls into, what that earns, and what a typical customer has."""

    feature: str
    dimension: Dimension
    words: str
    unit: Unit
    value: str | None = Field(description="Null where nothing is known; money in whole units of the bank's currency")
    bin_from: str | None = Field(description="Where the bin begins; null for the first")
    bin_below: str | None = Field(description="Where the bin ends; null for the last")
    points: int
    typical_points: float
    shortfall: float = Field(description="Typical points less points; what is above zero holds the customer down")


EVIDENCE_EXAMPLE: dict[str, JsonValue] = {
    "feature": "average_balance",
    "dimension": "value",
    "words": "average balance over 90 days",
    "unit": "money",
    "value": "18250.40",
    "bin_from": "13000.00",
    "bin_below": "23000.00",
    "points": 12,
    "typical_points": 19.0,
    "shortfall": 7.0,
}
DIMENSIONS_EXAMPLE: dict[str, JsonValue] = {"value": 99, "behaviour": 21, "potential": 50, "risk": 6}


class SpokenView(BaseModel):
    """The same in both languages."""

    model_config = ConfigDict(from_attributes=True)

    en: str
    zh: str


class TextsView(BaseModel):
    """What is told, by who reads it."""

    model_config = ConfigDict(from_attributes=True)

    customer: SpokenView
    staff: SpokenView | None = Field(description="Null to whoever may read explanations and not standings")


class LifetimeValueView(BaseModel):
    """What a customer will bring within the next months, discounted to now."""

    amount: str = Field(description="In whole units of the bank's currency, calibration and margin included")
    months: int
    calibration: float = Field(description="The factor in it: what came in the model's hold-out by what it expected")
    standard_error: float = Field(description="Of the calibration")
    model_version: int


class SegmentOfCustomerView(BaseModel):
    """What kind of customer this is: a name, of which neither points nor tier know."""

    name: str
    name_zh: str
    model_version: int


class ForeignAssetsView(BaseModel):
    """What a customer held in another currency in the month before, as it counts in the month's assets."""

    currency: str
    average: str = Field(description="Of the days' ends of the month, in this currency")
    rate: str | None = Field(
        description="What one unit costs in the bank's currency; null: no rate is known, so the month's assets are "
        "without it"
    )
    rate_date: date | None


class StandingSummary(BaseModel):
    """A customer's tier as last decided."""

    model_config = ConfigDict(from_attributes=True)

    customer_id: str = Field(examples=["c-4f1d8a"])
    tier: Tier = Field(examples=["middle"])
    tier_since: datetime = Field(examples=["2025-03-04T09:12:44Z"])
    points: int = Field(examples=[176])
    decided_at: datetime = Field(examples=["2025-06-30T18:01:09Z"])
    revision: int = Field(description="Counts this customer's changes of tier", examples=[2])
    people_only: bool = Field(
        description="The customer refused automated decisions or consent to tiering, or is restricted: "
        "people alone change the tier",
        examples=[False],
    )
    override_until: datetime | None = Field(
        description="People gave the tier, until then", examples=["2025-12-31T16:00:00Z"]
    )

    @classmethod
    def of(cls, row: RowMapping) -> "StandingSummary":
        """A row of the list."""
        return cls.model_validate(dict(row))


class StandingView(BaseModel):
    """Where a customer stands: the tier as last decided, points and evidence as of `as_of`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "c-4f1d8a",
                    "merged_into": None,
                    "files": ["c-4f1d8a"],
                    "tier": "middle",
                    "tier_since": "2025-03-04T09:12:44+00:00",
                    "below_since": None,
                    "decided_at": "2025-06-30T18:01:09+00:00",
                    "due_at": "2025-07-30T18:01:09+00:00",
                    "scorecard_tier": "middle",
                    "override_until": None,
                    "people_only": False,
                    "consent_refused": False,
                    "is_restricted": False,
                    "revision": 2,
                    "points": 176,
                    "points_by_dimension": DIMENSIONS_EXAMPLE,
                    "evidence": [EVIDENCE_EXAMPLE],
                    "reasons": ["average balance over 90 days (18,250.40 CNY: 12 points, a typical customer has 19)"],
                    "transactions": 412,
                    "foreign_currency_transactions": 3,
                    "first_active_on": "2024-07-01",
                    "last_active_on": "2025-06-30",
                    "foreign_assets": [
                        {"currency": "USD", "average": "1200.00", "rate": "7.12340000", "rate_date": "2025-06-30"}
                    ],
                    "currency": "CNY",
                    "scorecard_version": 1,
                    "lifetime_value": {
                        "amount": "1284.07",
                        "months": 12,
                        "calibration": 0.98,
                        "standard_error": 0.003,
                        "model_version": 2,
                    },
                    "segment": {"name": "savers", "name_zh": "储蓄型", "model_version": 1},
                    "as_of": "2025-07-01T08:00:00+00:00",
                    "lag": 0,
                    "lag_known_at": "2025-07-01T07:59:59+00:00",
                }
            ]
        }
    )

    customer_id: str
    merged_into: str | None = Field(description="The file by which the customer is known, where this one was merged")
    files: list[str] = Field(description="Those that the caller sees; everything here is on the sum of all")
    tier: Tier
    tier_since: datetime
    below_since: datetime | None = Field(
        description="Since when points, and the lifetime value where the ladder looks at it, are too low; the tier "
        "falls after the dwell"
    )
    decided_at: datetime
    due_at: datetime = Field(description="Decided again by then, though nothing happens")
    scorecard_tier: Tier = Field(description="Where the scorecard alone would have the customer")
    override_until: datetime | None = Field(description="People gave the tier, until then; else null")
    people_only: bool = Field(
        description="The customer refused automated decisions or consent to tiering, or is restricted: "
        "people alone change the tier"
    )
    consent_refused: bool = Field(description="Consent to tiering was declined or withdrawn, on any of the files")
    is_restricted: bool = Field(description="The relationship is restricted, on any of the files")
    revision: int
    points: int
    points_by_dimension: dict[Dimension, int]
    evidence: list[EvidenceView]
    reasons: list[str] = Field(description="What holds the customer down most, in words")
    transactions: int = Field(description="Those that stand: one that was reversed is gone")
    foreign_currency_transactions: int = Field(
        description="Counted as activity; their amounts are in the month's assets alone, converted"
    )
    first_active_on: date | None = Field(description="Of the customer's own; automatic postings do not count")
    last_active_on: date | None
    foreign_assets: list[ForeignAssetsView] = Field(description="By currency; what is not listed was nothing")
    currency: str
    scorecard_version: int
    lifetime_value: LifetimeValueView | None = Field(
        description="As of `as_of`, by the latest model; null without a model, or without activity of the customer"
    )
    segment: SegmentOfCustomerView | None = Field(
        description="As of `as_of`, by the latest model of segments; null without one"
    )
    as_of: datetime
    lag: int = Field(description="Records of the customer's partition that were not handled at `lag_known_at`")
    lag_known_at: datetime | None
