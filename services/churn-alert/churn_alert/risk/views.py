"""What is answered about risks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from churn_alert.risk.domain.indicators import Indicator
from churn_alert.risk.reason_views import HORIZONS, REASONS, HorizonView, ReasonView

Level = Literal["normal", "raised", "not-enough-history", "consent-refused", "restricted"]
_UNTOLD = (
    "Null, as all that says how high the risk is, to who looks after customers where no alert is open that they see"
)
_OF_RISK = ("level_since", "probability", "decided_at", "due_at")

_INDICATOR: dict[str, Any] = {
    "normal_low": None,
    "normal_high": None,
    "is_normal": False,
    "baseline": 1.0,
    "deviations": None,
    "since": None,
    "part_of": "transactions",
    "enough_history": True,
}
_LOW = {"name": "transactions", "value": 9.2, "normal_low": 11.9, "baseline": 21.4, "deviations": -3.86}
INDICATORS: Any = [
    _INDICATOR | _LOW | {"since": "2025-09-28T04:11:09Z", "part_of": None},
    _INDICATOR | {"name": "activity-week", "value": 0.21, "normal_low": 0.44, "normal_high": 1.56, "deviations": -2.32},
    _INDICATOR | {"name": "days-without-activity", "value": 9.0, "normal_high": 5.1, "baseline": None},
]
SUMMARY: dict[str, Any] = {
    "customer_id": "c-4f1d8a",
    "level": "normal",
    "level_since": None,
    "probability": 0.38,
    "decided_at": "2025-10-02T09:14:03Z",
    "due_at": "2025-10-08T18:20:45Z",
}
CROSSING: dict[str, Any] = {
    "crossing_id": "0199c7f1-90b8-8d5a-9f02-6b6a3c1d20aa",
    "direction": "up",
    "cause": "silence",
    "probability": 0.6,
    "threshold": 0.6,
    "indicators": INDICATORS,
    "model_version": 1,
    "crossed_at": "2025-10-09T02:40:11Z",
    "known_at": "2025-10-09T02:40:12Z",
    "consent_version": 3,
    "clears": None,
    "cleared_by": None,
    "horizons": HORIZONS,
    "reasons": REASONS,
}


class IndicatorView(BaseModel):
    """One measure beside what is normal for this customer; an open end of the range is null."""

    name: str = Field(description="Ratios: a recent rate over the customer's own of the last months; 1 is as usual")
    value: float
    normal_low: float | None
    normal_high: float | None
    is_normal: bool
    baseline: float | None = Field(description="What is usual for this customer, in the unit of `value`")
    deviations: float | None = Field(description="So many spreads above what is usual, below zero: below")
    since: datetime | None = Field(description="Out of the normal range since then; null: within, or not dated")
    part_of: str | None = Field(
        description="Which of the four indicators it is a part of: transactions, account-activity, service-feedback, "
        "product-use; null: one of them"
    )
    enough_history: bool = Field(description="False: too little is known of this customer to say what is normal")

    @classmethod
    def of(cls, one: Indicator) -> Self:
        """As the rules made it."""
        return cls(
            name=one.name,
            value=one.value,
            normal_low=one.normal_low,
            normal_high=one.normal_high,
            is_normal=not (one.is_low or one.is_high),
            baseline=one.baseline,
            deviations=one.deviations,
            since=one.since,
            part_of=one.part_of,
            enough_history=one.enough_history,
        )

    @classmethod
    def all_of(cls, stored: Sequence[dict[str, Any]]) -> list[Self]:
        """As they were kept with a decision."""
        return [cls.of(Indicator.kept(one)) for one in stored]


class RiskSummary(BaseModel):
    """Where a customer's risk stood when it was last decided."""

    model_config = ConfigDict(json_schema_extra={"example": SUMMARY})

    customer_id: str
    level: Level | None = Field(description=_UNTOLD)
    level_since: datetime | None = Field(description="Of the last crossing, or of the closure the rest counts from")
    probability: float | None = Field(description="As last decided; null while there is too little history")
    decided_at: datetime | None
    due_at: datetime | None = Field(description="When silence is looked at next, at the latest when it raises the risk")

    @classmethod
    def of(cls, row: RowMapping) -> Self:
        """A row of the list."""
        is_told = row["is_told"]
        level = level_of(
            is_raised=row["is_raised"] and is_told,
            is_known=row["probability"] is not None,
            is_refused=row["consent_refused"],
            is_restricted=row["is_restricted"],
        )
        told = {name: row[name] if is_told else None for name in _OF_RISK}
        return cls(customer_id=row["customer_id"], level=level if is_told else untold(level), **told)


class RiskView(BaseModel):
    """A customer's risk as it is at `as_of`."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": SUMMARY
            | {
                "merged_into": None,
                "files": ["c-4f1d8a"],
                "probability": 0.41,
                "upper_threshold": 0.6,
                "lower_threshold": 0.3,
                "horizon_days": 30,
                "horizons": [{"days": 30, "probability": 0.41}, {"days": 90, "probability": 0.63}],
                "reasons": REASONS,
                "indicators": INDICATORS,
                "silence_raises_at": "2025-10-09T02:40:11Z",
                "own_transactions": 183,
                "channel_uses": 97,
                "negative_feedbacks": 0,
                "without_feedback": False,
                "history_days": 276.4,
                "last_activity_at": "2025-09-30T18:20:44Z",
                "currency": "CNY",
                "model_version": 1,
                "as_of": "2025-10-03T07:00:00Z",
                "lag": 0,
                "lag_known_at": "2025-10-03T06:59:58Z",
            }
        }
    )

    customer_id: str
    merged_into: str | None = Field(description="The file by which the customer is known, where this one was merged")
    files: list[str] = Field(description="Those that the caller sees; everything here is on the sum of all")
    level: Level | None = Field(
        description="`consent-refused`: the customer refused to be cared for; `restricted`: the relationship is "
        f"restricted or over; nothing is decided. {_UNTOLD}"
    )
    level_since: datetime | None
    probability: float | None = Field(description="At `as_of`; null while there is too little history, or by a refusal")
    upper_threshold: float = Field(description="Reaching it raises the level and opens an alert")
    lower_threshold: float = Field(description="Falling to it brings the level back to normal")
    horizon_days: int = Field(description="Of `probability` and of the thresholds")
    horizons: list[HorizonView] = Field(description="At `as_of`, the shortest first; empty where `probability` is null")
    reasons: list[ReasonView] = Field(description="Of `probability`; what raises it most comes first")
    indicators: list[IndicatorView]
    silence_raises_at: datetime | None = Field(
        description="When the risk reaches the upper threshold if nothing happens; null: not within 400 days"
    )
    decided_at: datetime | None
    due_at: datetime | None = Field(description="When silence is looked at next, at the latest when it raises the risk")
    own_transactions: int = Field(description="Made by the customer; those booked back taken out")
    channel_uses: int
    negative_feedbacks: int
    without_feedback: bool = Field(description="The consent to care tells nothing of feedback, so none counts here")
    history_days: float
    last_activity_at: datetime | None
    currency: str = Field(description="Money in any other currency counts as activity only")
    model_version: int
    as_of: datetime
    lag: int = Field(description="Records of this customer's partition not handled yet when the worker last looked")
    lag_known_at: datetime | None

    def untold(self) -> Self:
        """The same for who may not be told how high the risk is."""
        hidden: dict[str, Any] = {**dict.fromkeys(_OF_RISK), "silence_raises_at": None, "horizons": [], "reasons": []}
        level = self.level and untold(self.level)
        return self.model_copy(update={**hidden, "level": level})


class CrossingView(BaseModel):
    """One crossing as it was decided. `crossed_at` is the moment it is about, `known_at` when it was decided."""

    model_config = ConfigDict(json_schema_extra={"example": CROSSING})

    crossing_id: UUID
    direction: Literal["up", "down"]
    cause: Literal["event", "silence"]
    probability: float
    threshold: float
    indicators: list[IndicatorView]
    model_version: int
    crossed_at: datetime
    known_at: datetime
    consent_version: int | None = Field(
        description="The revision of the customer's consents that was known then; null where none was"
    )
    clears: UUID | None = Field(description="An earlier crossing that late or reversed events have shown to be untrue")
    cleared_by: UUID | None = Field(description="The crossing that says so of this one")
    horizons: list[HorizonView] = Field(description="Empty, as `reasons`, where it was decided before they were kept")
    reasons: list[ReasonView]

    @classmethod
    def of(cls, row: RowMapping) -> Self:
        """A row as it was kept."""
        made = ("indicators", "horizons", "reasons")
        kept = {name: row[name] for name in cls.model_fields if name not in made}
        return cls(
            **kept,
            indicators=IndicatorView.all_of(row["indicators"]),
            horizons=[HorizonView(**one) for one in row["horizons"] or ()],
            reasons=[ReasonView(**one) for one in row["reasons"] or ()],
        )


def level_of(*, is_raised: bool, is_known: bool, is_refused: bool, is_restricted: bool) -> Level:
    """The level in one word."""
    if is_refused or is_restricted:
        return "consent-refused" if is_refused else "restricted"
    if is_raised:
        return "raised"
    return "normal" if is_known else "not-enough-history"


def untold(level: Level) -> Level | None:
    """The level to who may not be told the risk: that nothing is decided of a customer says nothing of it."""
    return None if level in {"raised", "normal"} else level
