"""Scorecards as people write and review them: JSON documents, one a version, checked before anything is decided.

Amounts of money are in whole units of the currency; inside they are minor units.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    ConfigDict,
    Field,
    JsonValue,
    ModelWrapValidatorHandler,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from rapport.events.money import MINOR_DIGITS
from rapport.web.bodies import Body
from scoring.scorecard.domain import (
    Dimension,
    Fault,
    Feature,
    Scorecard,
    Thresholds,
    Unit,
)
from scoring.scorecard.domain.cards import faults_of
from scoring.scorecard.domain.ladder import STEPS

P = TypeVar("P", bound="_Part")
# Wide enough for every rule to say what is wrong, narrow enough for every column and duration to hold it.
Points = Annotated[int, Field(ge=-10_000, le=10_000)]
Edge = Annotated[float, Field(ge=-1e15, le=1e15)]
Days = Annotated[int, Field(ge=-36_500, le=36_500)]


class _Part(Body):
    model_config = ConfigDict(serialize_by_alias=True)


class FeatureDocument(_Part):
    """One feature: bin n reaches from `edges[n-1]` up to, not including, `edges[n]` and earns `points[n]`."""

    name: str = Field(examples=["average_balance"])
    dimension: Dimension
    unit: Unit
    words: str = Field(min_length=3, max_length=120, examples=["average balance over 90 days"])
    edges: list[Edge] = Field(min_length=1, max_length=40, examples=[[1000, 10000, 50000]])
    points: list[Points] = Field(min_length=2, max_length=41, examples=[[0, 10, 25, 40]])
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


class StepDocument(_Part):
    """One step of the ladder; the lowest has no `from`."""

    tier: str = Field(pattern=r"^[a-z][a-z0-9-]{0,19}$", examples=["middle"])
    start: Points | None = Field(
        default=None,
        alias="from",
        description="Points that reach it",
        examples=[160],
        exclude_if=lambda start: start is None,
    )


class ThresholdsDocument(_Part):
    """The ladder of tiers, the lowest step first; the band around its thresholds, and days.

    `middle` and `high` instead of `tiers` are the three tiers low, middle and high.
    """

    tiers: list[StepDocument] = Field(min_length=STEPS[0], max_length=STEPS[1])
    band: Points = Field(description="Up at the threshold plus the band, down below the threshold minus the band")
    dwell_days: Days = Field(description="For so long points must stay too low before the tier falls")
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


class ScorecardContent(_Part):
    """All that a scorecard says: what becomes a version once it is approved."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", examples=["retail-cny"])
    currency: str = Field(pattern=r"^[A-Z]{3}$", examples=["CNY"])
    author: str = Field(min_length=1, max_length=120)
    reason: str = Field(min_length=1, max_length=1000)
    pdo: Literal[20] = Field(description="Points that double the odds of a customer worth keeping")
    features: list[FeatureDocument] = Field(min_length=1, max_length=40)
    thresholds: ThresholdsDocument

    @model_validator(mode="wrap")
    @classmethod
    def _with_every_fault(cls, content: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Rules are asked of every part that can be read, so that one malformed part hides no fault of another."""
        faults = [] if isinstance(content, cls) else [_line(fault) for fault in _broken_rules(content)]
        try:
            made = handler(content)
        except ValidationError as invalid:
            faults = [*map(_again, invalid.errors()), *faults]
        if faults:
            raise ValidationError.from_exception_data(cls.__name__, faults)
        return made

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
            thresholds=self.thresholds.thresholds(),
        )


def _broken_rules(content: Any) -> list[Fault]:
    if not isinstance(content, dict):
        return []
    raw = content.get("features")
    listed = raw if isinstance(raw, list) else []
    currency = content.get("currency")
    digits = MINOR_DIGITS.get(currency, 0) if isinstance(currency, str) else 0
    read = ((place, _read(FeatureDocument, one)) for place, one in enumerate(listed))
    features = {place: one.feature(10**digits) for place, one in read if one is not None}
    ladder = _read(ThresholdsDocument, content.get("thresholds"))
    whole = bool(listed) and len(features) == len(listed)
    faults = faults_of(features, ladder.thresholds() if ladder else None, is_whole=whole)
    if isinstance(currency, str) and currency not in MINOR_DIGITS:
        faults.append(Fault(("currency",), "is not an active currency"))
    return faults


def _read(part: type[P], content: Any) -> P | None:
    try:
        return part.model_validate(content)
    except ValidationError:
        return None


def _line(fault: Fault) -> InitErrorDetails:
    return InitErrorDetails(type=PydanticCustomError("value_error", fault.rule), loc=fault.place, input=None)


def _again(found: ErrorDetails) -> InitErrorDetails:
    """A line of an error, to be raised together with others."""
    kind = PydanticCustomError(found["type"], found["msg"], found.get("ctx"))
    return InitErrorDetails(type=kind, loc=found["loc"], input=found["input"])


def in_words(invalid: ValidationError) -> str:
    """Every fault with the path of its field, in one line."""
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in invalid.errors())


class ScorecardDocument(ScorecardContent):
    """One version of a bank's scorecard as a file, complete."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [EXAMPLE | {"version": 1, "effective_from": "1990-01-01"}]}
    )

    version: int = Field(ge=1, examples=[1])
    effective_from: date

    @property
    def begins(self) -> datetime:
        """The first moment of the day, in UTC."""
        return datetime.combine(self.effective_from, time(), tzinfo=UTC)
