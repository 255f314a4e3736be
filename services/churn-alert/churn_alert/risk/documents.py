"""Risk models as people write and review them: JSON documents, one a version, with what they were fitted on."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from churn_alert.risk.domain.model import RiskModel, RiskModelInvalid, Weights
from rapport.behaviour.lifetime import MbgParameters

PUBLISHED = Path(__file__).parent / "published" / "own-rate-1.json"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LifetimeDocument(_Part):
    """MBG/NBD on active days, time in days."""

    r: float = Field(gt=0)
    alpha: float = Field(gt=0)
    a: float = Field(gt=0)
    b: float = Field(gt=0)
    fitted: str = Field(max_length=1000, description="On what, how, and what was set by hand")


class WeightsDocument(_Part):
    """Of the log-odds of drifting away, per unit named; all but the intercept are zero or more."""

    intercept: float
    week: float = Field(description="per spread by which the 7-day activity lies below the customer's own")
    month: float = Field(description="per spread by which the 30-day activity lies below the customer's own")
    silence: float = Field(description="per unit of log-odds of silence over the horizon, counted from -4 to 4")
    inflow: float = Field(description="per spread by which money from outside lies below the customer's own, to 9")
    outflow: float = Field(description="per month of usual inflow gone on balance within a month, to 2")
    negatives: float = Field(description="per negative feedback, decayed at 90 days, to 2")


class ThresholdsDocument(_Part):
    """Probabilities, and days."""

    upper: float
    lower: float
    dwell_days: int = Field(ge=0, description="raised for at least so long")
    rest_days: int = Field(ge=0, description="after falling, or after a closure, not raised again for so long")
    least_history_days: int = Field(ge=1)
    least_active_days: int = Field(ge=2)
    usual_outflow: float = Field(description="months of inflow; 95 % of the customers lose no more within a month")


class RiskModelDocument(_Part):
    """One version of the risk model, complete, with its card."""

    model_config = ConfigDict(json_schema_extra={"example": json.loads(PUBLISHED.read_bytes())})

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", examples=["own-rate"])
    version: int = Field(ge=1, examples=[1])
    author: str = Field(min_length=1, max_length=120)
    reason: str = Field(min_length=1, max_length=1000)
    horizon_days: int = Field(ge=1, le=365)
    overdispersion: float = Field(gt=0, lt=2)
    lifetime: LifetimeDocument
    weights: WeightsDocument
    thresholds: ThresholdsDocument
    card: dict[str, Any] = Field(description="Fitted on what and how, how well it did where, and what it is not for")

    def model(self) -> RiskModel:
        """The same as the rules take it. Raises RiskModelInvalid."""
        limits, lifetime = self.thresholds, self.lifetime
        return RiskModel(
            version=self.version,
            horizon_days=self.horizon_days,
            lifetime=MbgParameters(lifetime.r, lifetime.alpha, lifetime.a, lifetime.b),
            overdispersion=self.overdispersion,
            weights=Weights(**self.weights.model_dump()),
            upper=limits.upper,
            lower=limits.lower,
            dwell=timedelta(days=limits.dwell_days),
            rest=timedelta(days=limits.rest_days),
            least_history=timedelta(days=limits.least_history_days),
            least_active_days=limits.least_active_days,
            usual_outflow=limits.usual_outflow,
        )


def read_document(path: Path | None = None) -> RiskModelDocument:
    """The document at `path`, or the published one. Raises RiskModelInvalid, which names the field at fault."""
    source = path or PUBLISHED
    try:
        return RiskModelDocument.model_validate_json(source.read_bytes())
    except OSError as fault:
        raise RiskModelInvalid(f"risk model {source.name}: cannot be read") from fault
    except ValidationError as fault:
        error = fault.errors()[0]
        field = ".".join(str(part) for part in error["loc"])
        raise RiskModelInvalid(f"risk model {source.name}: {field}: {error['msg']}") from fault
