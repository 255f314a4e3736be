"""Risk models as people write and review them: JSON documents, one a version, with what they were fitted on."""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from math import isfinite
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, JsonValue

from churn_alert.risk.domain.calibration import Calibration, RiskModelInvalid
from churn_alert.risk.domain.features import FEATURES, NAMES
from churn_alert.risk.domain.horizon import Horizon
from churn_alert.risk.domain.model import RiskModel
from rapport import documents
from rapport.behaviour.lifetime import MbgParameters
from rapport.documents import Part, VersionDocument

PUBLISHED = Path(__file__).parent / "published" / "own-rate-2.json"
_NOUN = "risk model"

_Days = Annotated[int, Field(ge=1, le=365)]
_Positive = Annotated[float, Field(gt=0, le=1e6)]
_Number = Annotated[float, Field(ge=-1e6, le=1e6)]
_LogOdds = Annotated[float, Field(ge=-1000, le=1000)]
"""Wide enough for whatever is fitted, narrow enough that no sum of products overflows."""
_EVERY = "; ".join(f"`{feature.name}` ({feature.moves}): {feature.says}" for feature in FEATURES)


def _of_finite_numbers(card: dict[str, JsonValue]) -> dict[str, JsonValue]:
    waiting: list[tuple[str, JsonValue]] = list(card.items())
    for place, one in waiting:
        if isinstance(one, dict | list):
            waiting += [(f"{place}.{name}", part) for name, part in _parts(one)]
        elif isinstance(one, float) and not isfinite(one):
            raise ValueError(f"{place}: is not a finite number")
    return card


def _parts(one: dict[str, JsonValue] | list[JsonValue]) -> Iterable[tuple[str | int, JsonValue]]:
    return one.items() if isinstance(one, dict) else enumerate(one)


class LifetimeDocument(Part):
    """MBG/NBD on active days, time in days."""

    r: _Positive
    alpha: _Positive
    a: _Positive
    b: _Positive
    fitted: str = Field(max_length=1000, description="On what, how, and what was set by hand")


class CalibrationDocument(Part):
    """From the log-odds of the weights to those that came true, in a later window than the weights were fitted on."""

    points: tuple[tuple[_LogOdds, _LogOdds], ...] = Field(
        min_length=2, max_length=50, description="Straight between them and beyond; both numbers rise"
    )
    fitted: str = Field(max_length=1000, description="On what, and how")


class HorizonDocument(Part):
    """The logistic for one horizon: log-odds of drifting away within so many days."""

    days: _Days
    intercept: _Number
    weights: dict[str, _Number] = Field(description="Per unit of each feature; those that rise with silence: 0 or more")
    typical: dict[str, _Number] = Field(
        description="Each feature's mean in the population; who has none counts as such"
    )
    calibration: CalibrationDocument

    def horizon(self) -> Horizon:
        """The same as the rules take it. Raises RiskModelInvalid."""
        try:
            calibration = Calibration(self.calibration.points)
        except RiskModelInvalid as fault:
            raise RiskModelInvalid(f"horizons.{self.days}.calibration.{fault}") from fault
        return Horizon(self.days, self.intercept, self.weights, self.typical, calibration)


class ThresholdsDocument(Part):
    """Probabilities of the horizon named, and days."""

    horizon_days: _Days = Field(description="Whose probability the thresholds are of")
    upper: float = Field(gt=0, lt=1)
    lower: float = Field(gt=0, lt=1, description="At most half the odds of the upper one, or customers would flap")
    dwell_days: int = Field(ge=1, le=3650, description="raised for at least so long")
    rest_days: int = Field(ge=0, le=3650, description="after falling, or after a closure, not raised again for so long")
    least_history_days: int = Field(ge=1, le=3650)
    least_active_days: int = Field(ge=2, le=3650)
    usual_outflow: float = Field(
        gt=0, le=120, description="months of inflow; 95 % of the customers lose no more within a month"
    )


class RiskModelDocument(VersionDocument):
    """One version of the risk model, complete, with its card."""

    model_config = ConfigDict(json_schema_extra={"example": json.loads(PUBLISHED.read_bytes())})

    overdispersion: float = Field(gt=0, lt=2)
    lifetime: LifetimeDocument
    features: tuple[str, ...] = Field(description=f"All of these: {_EVERY}")
    horizons: tuple[HorizonDocument, ...] = Field(min_length=1, max_length=4, description="The shortest first")
    thresholds: ThresholdsDocument
    card: Annotated[dict[str, JsonValue], AfterValidator(_of_finite_numbers)] = Field(
        description="Fitted on what and how, how well it did where, and what it is not for"
    )

    def model(self) -> RiskModel:
        """The same as the rules take it. Raises RiskModelInvalid, which names the field at fault."""
        self._require_features()
        limits, lifetime = self.thresholds, self.lifetime
        return RiskModel(
            version=self.version,
            lifetime=MbgParameters(lifetime.r, lifetime.alpha, lifetime.a, lifetime.b),
            overdispersion=self.overdispersion,
            horizons=tuple(one.horizon() for one in self.horizons),
            decides=limits.horizon_days,
            upper=limits.upper,
            lower=limits.lower,
            dwell=timedelta(days=limits.dwell_days),
            rest=timedelta(days=limits.rest_days),
            least_history=timedelta(days=limits.least_history_days),
            least_active_days=limits.least_active_days,
            usual_outflow=limits.usual_outflow,
        )

    def _require_features(self) -> None:
        for place, name in enumerate(self.features):
            if name not in NAMES:
                raise RiskModelInvalid(f"features.{place}: no feature {name}; there are {', '.join(NAMES)}")
        missing = [name for name in NAMES if name not in self.features]
        if missing or len(self.features) != len(NAMES):
            raise RiskModelInvalid(f"features: each once; missing: {', '.join(missing) or 'none'}")


def read_document(path: Path = PUBLISHED) -> RiskModelDocument:
    """One version. Raises DocumentInvalid, which names file and fields."""
    return documents.read_document(path, RiskModelDocument, noun=_NOUN, check=RiskModelDocument.model)


def read_model_versions(own: Path | None, *, today: date) -> tuple[RiskModelDocument, ...]:
    """Every version, the bank's own or the published one. Raises DocumentInvalid, which names file and fields."""
    return documents.read_versions(
        own, RiskModelDocument, noun=_NOUN, published=[PUBLISHED], today=today, check=RiskModelDocument.model
    )
