"""What is answered about proof: figures with their intervals, never a customer."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from churn_alert.proof.domain.survival import Step
from churn_alert.proof.domain.uplift import MEANING, Arm, Conclusion
from churn_alert.proof.handlers import Experiment, Measure
from churn_alert.proof.store.figures import Figures
from rapport.behaviour.rates import Rate, wilson

_RATE: dict[str, Any] = {"value": 0.62, "low": 0.573, "high": 0.665}
_ALL: dict[str, Any] = {
    "group": None,
    "alerts": 620,
    "judged": 418,
    "right": 259,
    "precision": _RATE,
    "in_time": {"value": 0.58, "low": 0.532, "high": 0.626},
    "median_lead_days": 41.0,
    "said": 0.71,
    "brier": 0.229,
}
_GROUP = _ALL | {"group": "gold", "alerts": 71, "judged": 40, "right": 26, "precision": None, "in_time": None}
PROOF: dict[str, Any] = {
    "as_of": "2025-10-01T00:00:00Z",
    "definition": "departure",
    "definition_version": 1,
    "window_days": 90,
    "all": _ALL,
    "calibration_error": 0.094,
    "by": {"tier": [_GROUP]},
}
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
            "playbook": "care-call",
            "version": 1,
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
LEAST = 50
"""Judged alerts: a rate of fewer is uncertain by more than fourteen points either way, and is not told of a group."""


class RateView(BaseModel):
    """A share, or a difference of two, and its 95 % interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, rate: Rate) -> Self:
        """A rate as it is shown."""
        return cls(**rate._asdict())


class FiguresView(BaseModel):
    """Alerts of a group; what cannot be said of so few is null."""

    group: str | None = Field(description="Null: all of them; `unknown`: nobody knew it when the alert was opened")
    alerts: int
    judged: int = Field(description="Whose window is over; all that follows is of these alone")
    right: int = Field(description="About a customer who was gone within the window")
    precision: RateView | None = Field(description=f"Share of the judged that were right; null below {LEAST} judged")
    in_time: RateView | None = Field(description="Share that were right, and opened before the customer was gone")
    median_lead_days: float | None = Field(description="Of the right ones, from the alert until the customer is gone")
    said: float | None = Field(description="Mean probability that was told; what came true is `precision`")
    brier: float | None = Field(description="Mean squared distance of that probability from what came true")

    @classmethod
    def of(cls, figures: Figures) -> Self:
        """Figures as they are shown."""
        is_told = figures.judged >= LEAST or (figures.by is None and figures.judged > 0)
        return cls(
            group=figures.group,
            alerts=figures.alerts,
            judged=figures.judged,
            right=figures.right,
            precision=RateView.of(wilson(figures.right, figures.judged)) if is_told else None,
            in_time=RateView.of(wilson(figures.in_time, figures.judged)) if is_told else None,
            median_lead_days=figures.median_lead_days,
            said=figures.said,
            brier=figures.brier,
        )


class ProofView(BaseModel):
    """How the alerts fared, as far as it is known now."""

    model_config = ConfigDict(json_schema_extra={"example": PROOF})

    as_of: datetime | None = Field(description="Null in stream time before the first event")
    definition: str
    definition_version: int = Field(description="Of the document that says what a departure is")
    window_days: int = Field(description="So long after an alert it is judged")
    all: FiguresView
    calibration_error: float | None = Field(
        description="Mean distance between what was said and what came true, over steps of 5 % of the probability"
    )
    by: dict[str, list[FiguresView]] = Field(
        description="By month of opening; tier, stage and severity when it was opened; cause; version of the model; "
        "and `band`, the probability in steps of 5 %, named by where the step begins"
    )

    @classmethod
    def of(cls, found: Sequence[Figures], measure: Measure, name: str, as_of: datetime | None) -> Self:
        """Figures as they are shown."""
        by: dict[str, list[FiguresView]] = {}
        for one in found:
            if one.by is not None:
                by.setdefault(one.by, []).append(FiguresView.of(one))
        return cls(
            as_of=as_of,
            definition=name,
            definition_version=measure.version,
            window_days=measure.definition.window.days,
            all=next(FiguresView.of(one) for one in found if one.by is None),
            calibration_error=calibration_error(one for one in found if one.by == "band"),
            by=by,
        )


def calibration_error(bands: Iterable[Figures]) -> float | None:
    """Weighted by how many of each were judged; None where nobody was."""
    judged = [one for one in bands if one.judged and one.said is not None]
    total = sum(one.judged for one in judged)
    apart = sum(abs((one.said or 0.0) * one.judged - one.right) for one in judged)
    return apart / total if total else None


class ArmView(BaseModel):
    """Customers of one arm, each once."""

    drawn: int
    judged: int = Field(description="Whose window is over")
    stayed: int = Field(description="Of the judged, who were not gone within the window")
    rate: RateView | None

    @classmethod
    def of(cls, arm: Arm) -> Self:
        """An arm as it is shown."""
        return cls(**arm._asdict(), rate=RateView.of(arm.rate) if arm.rate else None)


class StepView(BaseModel):
    """The share still there after this day since the alert, and its 95 % band."""

    day: int
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
    """One version of a playbook: who was treated against who was held out, each as the lot drew them."""

    playbook: str
    version: int
    treated: ArmView
    held_out: ArmView
    effect: RateView | None = Field(description="Share that stayed of the treated less that of the held out")
    evenness: float | None = Field(
        description="How likely arms at least so uneven are by chance; null where the playbook is not written any more"
    )
    log_rank: float | None = Field(description="How likely stays at least so different are by chance")
    needed: int | None = Field(description="Customers of both arms to find the smallest effect worth finding")
    still_needed: int | None
    conclusion: Conclusion
    meaning: str = Field(description="The conclusion in words")
    survival: SurvivalView

    @classmethod
    def of(cls, one: Experiment) -> Self:
        """An experiment as it is shown."""
        found = one.uplift
        return cls(
            playbook=one.playbook,
            version=one.version,
            treated=ArmView.of(found.treated),
            held_out=ArmView.of(found.held_out),
            effect=RateView.of(found.effect) if found.effect else None,
            evenness=found.evenness,
            log_rank=found.survival.p_value if found.survival else None,
            needed=found.needed,
            still_needed=found.still_needed,
            conclusion=found.conclusion,
            meaning=MEANING[found.conclusion],
            survival=SurvivalView(treated=_steps(one.treated), held_out=_steps(one.held_out)),
        )


def _steps(steps: Sequence[Step]) -> list[StepView]:
    return [StepView(**one._asdict()) for one in steps]


class ExperimentsView(BaseModel):
    """Whether interventions keep customers."""

    model_config = ConfigDict(json_schema_extra={"example": EXPERIMENTS})

    as_of: datetime | None
    window_days: int
    experiments: list[ExperimentView]
