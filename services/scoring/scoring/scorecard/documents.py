"""Scorecards as people write and review them: JSON documents, one a version, checked before anything is decided.

Amounts of money are in whole units of the currency; inside they are minor units.
"""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, field_validator, model_validator

from rapport.events.money import MINOR_DIGITS
from scoring.scorecard.domain import Dimension, Feature, Scorecard, ScorecardInvalid, Scorecards, Thresholds, Unit
from scoring.scorecard.domain.ladder import STEPS

PUBLISHED = Path(__file__).parent / "published"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)


class FeatureDocument(_Part):
    """One feature: bin n reaches from `edges[n-1]` up to, not including, `edges[n]` and earns `points[n]`."""

    name: str = Field(examples=["average_balance"])
    dimension: Dimension
    unit: Unit
    words: str = Field(min_length=3, max_length=120, examples=["average balance over 90 days"])
    edges: list[float] = Field(min_length=1, max_length=40, examples=[[1000, 10000, 50000]])
    points: list[int] = Field(min_length=2, max_length=41, examples=[[0, 10, 25, 40]])
    points_if_unknown: int
    typical_points: float = Field(description="What customers earn on average; reasons are shortfalls from it")


class StepDocument(_Part):
    """One step of the ladder; the lowest has no `from`."""

    tier: str = Field(pattern=r"^[a-z][a-z0-9-]{0,19}$", examples=["middle"])
    start: int | None = Field(default=None, alias="from", description="Points that reach it", examples=[160])


class ThresholdsDocument(_Part):
    """The ladder of tiers, the lowest step first; the band around its thresholds, and days.

    `middle` and `high` instead of `tiers` are the three tiers low, middle and high.
    """

    tiers: list[StepDocument] = Field(min_length=STEPS[0], max_length=STEPS[1])
    band: int = Field(description="Up at the threshold plus the band, down below the threshold minus the band")
    dwell_days: int = Field(description="For so long points must stay too low before the tier falls")
    review_days: int = Field(description="Nobody stays undecided for longer, though nothing happens")

    @model_validator(mode="before")
    @classmethod
    def _three_by_default(cls, content: Any) -> Any:
        if not isinstance(content, dict) or "tiers" in content:
            return content
        named = {tier: {"tier": tier, "from": content[tier]} for tier in ("middle", "high") if tier in content}
        rest = {name: value for name, value in content.items() if name not in named}
        return rest | ({"tiers": [{"tier": "low"}, *named.values()]} if named else {})

    @field_validator("tiers")
    @classmethod
    def _begin_but_for_the_lowest(cls, tiers: list[StepDocument]) -> list[StepDocument]:
        if any((step.start is None) != (place == 0) for place, step in enumerate(tiers)):
            raise ValueError("every step but the lowest, which is the first, says from how many points on it is")
        return tiers

    def thresholds(self) -> Thresholds:
        """The same as the rules take it."""
        return Thresholds(
            tiers=tuple(step.tier for step in self.tiers),
            starts=tuple(step.start for step in self.tiers if step.start is not None),
            band=self.band,
            dwell=timedelta(days=self.dwell_days),
            review=timedelta(days=self.review_days),
        )


_EXAMPLE: dict[str, JsonValue] = {
    "name": "retail-cny",
    "version": 1,
    "currency": "CNY",
    "effective_from": "1990-01-01",
    "author": "Retail analytics",
    "reason": "First scorecard of the retail bank",
    "pdo": 20,
    "features": [
        {
            "name": "average_balance",
            "dimension": "value",
            "unit": "money",
            "words": "average balance over 90 days",
            "edges": [1000, 10000, 50000],
            "points": [0, 10, 25, 40],
            "points_if_unknown": 0,
            "typical_points": 21.4,
        }
    ],
    "thresholds": {
        "tiers": [{"tier": "low"}, {"tier": "middle", "from": 15}, {"tier": "high", "from": 30}],
        "band": 5,
        "dwell_days": 28,
        "review_days": 30,
    },
}


class ScorecardDocument(_Part):
    """One version of a bank's scorecard, complete."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", examples=["retail-cny"])
    version: int = Field(ge=1, examples=[1])
    currency: str = Field(pattern=r"^[A-Z]{3}$", examples=["CNY"])
    effective_from: date
    author: str = Field(min_length=1, max_length=120)
    reason: str = Field(min_length=1, max_length=1000)
    pdo: Literal[20] = Field(description="Points that double the odds of a customer worth keeping")
    features: list[FeatureDocument] = Field(min_length=1)
    thresholds: ThresholdsDocument

    def scorecard(self) -> Scorecard:
        """The same as the rules take it. Raises ScorecardInvalid."""
        if self.currency not in MINOR_DIGITS:
            raise ScorecardInvalid(f"scorecard {self.name} {self.version}: {self.currency} is not an active currency")
        minor = 10 ** MINOR_DIGITS[self.currency]
        return Scorecard(
            name=self.name,
            version=self.version,
            currency=self.currency,
            effective_from=datetime.combine(self.effective_from, time(), tzinfo=UTC),
            author=self.author,
            reason=self.reason,
            features=tuple(_feature(document, minor) for document in self.features),
            thresholds=self.thresholds.thresholds(),
        )


def _feature(document: FeatureDocument, minor: int) -> Feature:
    factor = minor if document.unit == "money" else 1
    return Feature(
        name=document.name,
        dimension=document.dimension,
        unit=document.unit,
        words=document.words,
        edges=tuple(edge * factor for edge in document.edges),
        points=tuple(document.points),
        points_if_unknown=document.points_if_unknown,
        typical_points=document.typical_points,
    )


def read_documents(currency: str, folder: Path | None = None) -> list[ScorecardDocument]:
    """All versions for this currency in a folder, by default the published ones. Raises ScorecardInvalid."""
    place = folder or PUBLISHED
    found = [_read(path) for path in sorted(place.glob("*.json"))]
    mine = [document for document in found if document.currency == currency]
    if not mine:
        raise ScorecardInvalid(f"there is no scorecard in {currency} in {place}")
    return sorted(mine, key=lambda document: document.version)


def _read(path: Path) -> ScorecardDocument:
    try:
        return ScorecardDocument.model_validate_json(path.read_bytes())
    except ValidationError as invalid:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in invalid.errors()]
        raise ScorecardInvalid(f"{path.name}: " + "; ".join(faults)) from None


def scorecards_of(documents: list[ScorecardDocument]) -> Scorecards:
    """The versions as the rules take them. Raises ScorecardInvalid."""
    return Scorecards([document.scorecard() for document in documents])
