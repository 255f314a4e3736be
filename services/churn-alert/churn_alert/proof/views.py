"""What is answered about proof: figures with their intervals, never a customer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from churn_alert.playbook.domain.playbooks import Measure
from churn_alert.proof.domain.disclosure import LEAST
from churn_alert.proof.domain.uplift import MEANING, Arm, Conclusion
from churn_alert.proof.experiments import Experiment
from rapport.behaviour.rates import Rate
from rapport.behaviour.survival import Step

_ARM: dict[str, Any] = {
    "drawn": 3980,
    "judged": 3112,
    "stayed": 2590,
    "rate": {"value": 0.832, "low": 0.819, "high": 0.845},
}
EXPERIMENTS: dict[str, Any] = {
    "as_of": "2025-10-01T00:00:00Z",
    "window_days": 90,
    "experiments": [
        {
            "experiment": "care-of-warned",
            "measure": "kept",
            "versions": [1, 2],
            "treated": _ARM,
            "held_out": _ARM | {"drawn": 1003, "judged": 790, "stayed": 632},
            "effect": {"value": 0.032, "low": 0.003, "high": 0.064},
            "evenness": 0.81,
            "log_rank": 0.03,
            "needed": 4749,
            "still_needed": 847,
            "conclusion": "too early",
            "meaning": MEANING["too early"],
            "survival": {
                "treated": [{"day": 60, "at_risk": 3112, "gone": 120, "share": 0.961, "low": 0.954, "high": 0.967}],
                "held_out": [],
            },
        }
    ],
}


class RateView(BaseModel):
    """A share, or a difference of two, and its 95 % interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, rate: Rate) -> Self:
        """A rate as it is shown."""
        return cls(**rate._asdict())


class ArmView(BaseModel):
    """Persons of one arm, each once."""

    drawn: int
    judged: int = Field(description="Whose window is over")
    stayed: int = Field(description="Of the judged, of whom came about what is asked: see `measure`")
    rate: RateView | None

    @classmethod
    def of(cls, arm: Arm) -> Self:
        """An arm as it is shown."""
        return cls(**arm._asdict(), rate=RateView.of(arm.rate) if arm.rate else None)


class StepView(BaseModel):
    """The share still there after this day since the alert, and its 95 % band."""

    day: float
    at_risk: int
    gone: int
    share: float
    low: float
    high: float


class SurvivalView(BaseModel):
    """Kaplan–Meier, a step a day on which somebody was gone; flat after the last step up to the window's end."""

    treated: list[StepView]
    held_out: list[StepView]


class ExperimentView(BaseModel):
    """One experiment over all versions of its playbooks: treated against held out, each as the lot drew them."""

    experiment: str
    measure: Measure | None = Field(
        description="What is asked once the window is over: `kept`, not gone; `active`, something of their own in its "
        "last month; `uses-product`, has used it; `won-back`, is lost no more. Null: nothing measures it any more"
    )
    versions: list[int] = Field(description="Of the playbooks in which it drew")
    treated: ArmView | None = Field(description=f"Null, as all that follows: an arm has fewer than {LEAST} persons")
    held_out: ArmView | None
    effect: RateView | None = Field(description="Share of the treated of whom it came about, less that of the held out")
    evenness: float | None = Field(
        description="How likely arms at least so uneven are by chance; null where it is not written any more"
    )
    log_rank: float | None = Field(description="How likely stays at least so different are by chance")
    needed: int | None = Field(description="Persons of both arms to find the smallest effect worth finding")
    still_needed: int | None
    conclusion: Conclusion
    meaning: str = Field(description="The conclusion in words")
    survival: SurvivalView

    @classmethod
    def of(cls, one: Experiment) -> Self:
        """An experiment as it is shown."""
        found = one.uplift
        conclusion: Conclusion = found.conclusion if found else "too early"
        return cls(
            experiment=one.experiment,
            measure=one.measure,
            versions=list(one.versions),
            treated=ArmView.of(found.treated) if found else None,
            held_out=ArmView.of(found.held_out) if found else None,
            effect=RateView.of(found.effect) if found and found.effect else None,
            evenness=found.evenness if found else None,
            log_rank=found.survival.p_value if found and found.survival else None,
            needed=found.needed if found else None,
            still_needed=found.still_needed if found else None,
            conclusion=conclusion,
            meaning=MEANING[conclusion],
            survival=SurvivalView(treated=_steps(one.treated), held_out=_steps(one.held_out)),
        )


def _steps(steps: Sequence[Step]) -> list[StepView]:
    return [StepView(**one._asdict()) for one in steps]


class ExperimentsView(BaseModel):
    """Whether interventions do what they are for."""

    model_config = ConfigDict(json_schema_extra={"example": EXPERIMENTS})

    as_of: datetime | None
    window_days: int
    experiments: list[ExperimentView]
