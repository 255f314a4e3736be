"""Scorecards as people write and review them: JSON documents, one a version, checked before anything is decided.

Amounts of money are in whole units of the currency; inside they are minor units.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, JsonValue, field_validator, model_validator

from rapport.events.money import MINOR_DIGITS
from scoring.scorecard.domain import Dimension, Feature, Scorecard, Thresholds, Unit
from scoring.scorecard.domain.cards import faults_of
from scoring.scorecard.domain.ladder import STEPS
from scoring.version.documents import AsFile, Content, Part, minor_of, readable
from scoring.version.domain.faults import Fault

# Wide enough for every rule to say what is wrong, narrow enough for every column and duration to hold it.
Points = Annotated[int, Field(ge=-10_000, le=10_000)]
Edge = Annotated[float, Field(ge=-1e15, le=1e15)]
Days = Annotated[int, Field(ge=-36_500, le=36_500)]


class FeatureDocument(Part):
    """One feature: bin n reaches from `edges[n-1]` up to, not including, `edges[n]` and earns `points[n]`."""

    name: str = Field(examples=["average_balance"])
    dimension: Dimension
    unit: Unit
    words: str = Field(min_length=3, max_length=120, examples=["average balance over 90 days"])
    edges: list[Edge] = Field(
        min_length=1,
        max_length=40,
        description="Within what the feature can be; whole numbers for days, products and loan classes",
        examples=[[1000, 10000, 50000]],
    )
    points: list[Points] = Field(
        min_length=2,
        max_length=41,
        description="They rise with the feature; with overdrafts, penalty interest and loan classes they fall",
        examples=[[0, 10, 25, 40]],
    )
    points_if_unknown: Points
    typical_points: float = Field(description="What customers earn on average; reasons are shortfalls from it")

    def feature(self, minor: int = 1) -> Feature:
        """The same as the rules take it; `minor`: how many minor units the currency's unit has."""
        factor = minor if self.unit == "money" else 1
        return Feature(
            name=self.name,
            dimension=self.dimension,
            unit=self.unit,
            words=self.words,
            edges=tuple(edge * factor for edge in self.edges),
            points=tuple(self.points),
            points_if_unknown=self.points_if_unknown,
            typical_points=self.typical_points,
        )


class StepDocument(Part):
    """One step of the ladder; the lowest has no `from` and no `lifetime_value_from`."""

    tier: str = Field(pattern=r"^[a-z][a-z0-9-]{0,19}$", examples=["middle"])
    start: Points | None = Field(
        default=None,
        alias="from",
        description="Points that reach it",
        examples=[160],
        exclude_if=lambda start: start is None,
    )
    lifetime_value_from: Edge | None = Field(
        default=None,
        description="What a customer is expected to bring that reaches it too, whatever the points are",
        examples=[60000],
        exclude_if=lambda value: value is None,
    )


class ThresholdsDocument(Part):
    """The ladder of tiers, the lowest step first; the band around its thresholds, and days.

    `middle` and `high` instead of `tiers` are the three tiers low, middle and high.
    """

    tiers: list[StepDocument] = Field(min_length=STEPS[0], max_length=STEPS[1])
    band: Points = Field(description="Up at the threshold plus the band, down below the threshold minus the band")
    lifetime_value_band: float | None = Field(
        default=None,
        ge=0.0,
        le=0.5,
        description="The same around `lifetime_value_from`, as a share of it",
        examples=[0.2],
        exclude_if=lambda band: band is None,
    )
    dwell_days: Days = Field(
        description="For so long points, and the lifetime value, must stay too low before the tier falls"
    )
    review_days: Days = Field(description="Nobody stays undecided for longer, though nothing happens")

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
        if tiers[0].lifetime_value_from is not None:
            raise ValueError("the lowest step, which is the first, is everybody's: no lifetime value reaches it")
        return tiers

    @model_validator(mode="after")
    def _have_a_band_where_values_count(self) -> Self:
        looks_at_value = any(step.lifetime_value_from is not None for step in self.tiers)
        if looks_at_value != (self.lifetime_value_band is not None):
            raise ValueError("lifetime_value_band is given where a step has a lifetime_value_from, and only there")
        return self

    def thresholds(self, minor: int = 1) -> Thresholds:
        """The same as the rules take it; `minor`: how many minor units the currency's unit has."""
        values = [step.lifetime_value_from for step in self.tiers[1:]]
        return Thresholds(
            tiers=tuple(step.tier for step in self.tiers),
            starts=tuple(step.start for step in self.tiers if step.start is not None),
            band=self.band,
            dwell=timedelta(days=self.dwell_days),
            review=timedelta(days=self.review_days),
            values=tuple(None if value is None else value * minor for value in values)
            if any(value is not None for value in values)
            else (),
            value_band=self.lifetime_value_band or 0.0,
        )


PDO = 20
EXAMPLE: dict[str, JsonValue] = {
    "name": "retail-cny",
    "currency": "CNY",
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
"""What a document of a scorecard says, whatever version it becomes."""


class ScorecardContent(Content):
    """All that a scorecard says: what becomes a version once it is approved."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    pdo: Literal[20] = Field(
        description="Points that double the odds of a customer worth keeping: the one scale of every version, since "
        "dry-runs, challengers and drift hold the points of versions against each other"
    )
    features: list[FeatureDocument] = Field(min_length=1, max_length=40)
    thresholds: ThresholdsDocument

    @field_validator("pdo", mode="before")
    @classmethod
    def _on_the_scale_of_all(cls, pdo: Any) -> Any:
        if pdo != PDO:
            raise ValueError(
                f"versions are compared by their points, so all of them have a pdo of {PDO}: "
                f"multiply points, thresholds and band by {PDO} / your pdo"
            )
        return pdo

    @classmethod
    def broken_rules(cls, content: dict[str, Any]) -> list[Fault]:
        """Of features and ladder, each alone and together."""
        raw = content.get("features")
        listed = raw if isinstance(raw, list) else []
        read = ((place, readable(FeatureDocument, one)) for place, one in enumerate(listed))
        features = {place: one.feature(minor_of(content)) for place, one in read if one is not None}
        ladder = readable(ThresholdsDocument, content.get("thresholds"))
        whole = bool(listed) and len(features) == len(listed)
        faults = faults_of(features, ladder.thresholds(minor_of(content)) if ladder else None, is_whole=whole)
        return faults + super().broken_rules(content)

    def card(self, version: int, effective_from: datetime) -> Scorecard:
        """The same as the rules take it. Raises ScorecardInvalid."""
        minor = 10 ** MINOR_DIGITS[self.currency]
        return Scorecard(
            name=self.name,
            version=version,
            currency=self.currency,
            effective_from=effective_from,
            author=self.author,
            reason=self.reason,
            features=tuple(document.feature(minor) for document in self.features),
            thresholds=self.thresholds.thresholds(minor),
        )


class ScorecardDocument(AsFile, ScorecardContent):
    """One version of a bank's scorecard as a file, complete."""

    noun = "scorecard"
    model_config = ConfigDict(
        json_schema_extra={"examples": [EXAMPLE | {"version": 1, "effective_from": "1990-01-01"}]}
    )
