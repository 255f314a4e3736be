"""How the alerts fared, as it is answered."""

from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from churn_alert.proof.beside_views import RECALL, RecallView, rate_of
from churn_alert.proof.domain.disclosure import LEAST, LEAST_JUDGED
from churn_alert.proof.domain.issued import Figures, Ranked, calibration_error
from churn_alert.proof.figures import Arm, Proof, Wait
from churn_alert.proof.handlers import Measuring
from churn_alert.proof.store.courses import Asked
from churn_alert.proof.views import RateView
from rapport.behaviour.rates import wilson

_RATE: dict[str, Any] = {"value": 0.62, "low": 0.573, "high": 0.665}
_ALL: dict[str, Any] = {
    "group": None,
    "customers": 590,
    "alerts": 620,
    "judged": 418,
    "right": 259,
    "precision": _RATE,
    "in_time": {"value": 0.58, "low": 0.532, "high": 0.626},
    "median_lead_days": 41.0,
    "said": 0.71,
    "brier": 0.229,
    "auc": 0.71,
    "lift": {"value": 1.4, "low": 1.25, "high": 1.5},
    "recency_auc": 0.55,
}
PROOF: dict[str, Any] = {
    "as_of": "2025-10-01T00:00:00Z",
    "opened_from": "2024-06-30T16:00:00Z",
    "opened_to": "2025-09-30T16:00:00Z",
    "definition": "departure",
    "definition_version": 1,
    "window_days": 90,
    "held_out": _ALL,
    "treated": {"alerts": 2480, "judged": 1672, "gone": {"value": 0.56, "low": 0.536, "high": 0.584}},
    "without_lot": {"alerts": 310, "judged": 209, "gone": {"value": 0.41, "low": 0.346, "high": 0.478}},
    "calibration_error": 0.094,
    "reliability": [{"alerts": 42, "said": 0.52, "true": _RATE}],
    "lifts": [{"share": 0.2, "alerts": 84, "lift": {"value": 1.4, "low": 1.25, "high": 1.5}, "recency": _RATE}],
    "lead_days": {"10": -3.0, "25": 12.0, "50": 41.0, "75": 55.0, "90": 60.0},
    "recency_days": 30,
    "recall": [RECALL],
    "recall_by": {"stage": [RECALL | {"group": "mature", "lost": 1900}]},
    "time_to_act": [{"group": None, "alerts": 2790, "acted": 2410, "median_hours": 20.0, "p90_hours": 71.0}],
    "by": {"tier": [_ALL | {"group": "high", "customers": 66, "alerts": 71, "judged": 51, "right": 32}]},
}
_QUANTILES = (10, 25, 50, 75, 90)


class FiguresView(BaseModel):
    """Alerts of the held out of one group; what cannot be said of so few is null."""

    group: str | None = Field(description="Null: all of them; `unknown`: nobody knew it when the alert was opened")
    customers: int
    alerts: int
    judged: int = Field(description="Whose window is over; all that follows is of these alone")
    right: int = Field(description="About a customer who was gone within the window")
    precision: RateView | None = Field(
        description=f"Share of the judged that were right; null, as the rest, below {LEAST_JUDGED} judged"
    )
    in_time: RateView | None = Field(description="Share that were right, and opened before the customer was gone")
    median_lead_days: float | None = Field(description="Of the right ones, from the alert until the customer is gone")
    said: float | None = Field(description="Mean probability that was told; what came true is `precision`")
    brier: float | None = Field(description="Mean squared distance of that probability from what came true")
    auc: float | None = Field(description="How often one that came true had the higher probability at its issue")
    lift: RateView | None = Field(description="What came true of the fifth with the highest probability, against all")
    recency_auc: float | None = Field(description="The same of days without own activity, on the same alerts")

    @classmethod
    def of(cls, one: Figures) -> Self:
        """Figures as they are shown."""
        cells = {name: getattr(one, name) for name in cls.model_fields}
        rates = {name: rate_of(cells[name]) for name in ("precision", "in_time", "lift")}
        return cls(**cells | rates)


class ArmOfAlertsView(BaseModel):
    """Alerts of which something was done: who stayed may have stayed for that, so none is right or wrong."""

    alerts: int
    judged: int
    gone: RateView | None = Field(description="Share of the judged whose customer left within the window")

    @classmethod
    def of(cls, one: Arm) -> Self:
        """An arm as it is shown."""
        return cls(
            alerts=one.alerts, judged=one.judged, gone=rate_of(wilson(one.gone, one.judged)) if one.judged else None
        )


class BandView(BaseModel):
    """A tenth of the alerts alike in probability: what was said of them on average, and what came true."""

    alerts: int
    said: float
    true: RateView


class LiftView(BaseModel):
    """Of this share of the alerts, the highest probability first, what came true against all of them."""

    share: float
    alerts: int
    lift: RateView
    recency: RateView | None = Field(
        description="The same by days without own activity, on the same alerts; null where those were not kept of all"
    )


class WaitView(BaseModel):
    """How long it took until somebody acted on an alert, or a message about it arrived; held-out ones left out."""

    group: str | None = Field(description="The tier at the opening; null: all")
    alerts: int
    acted: int
    median_hours: float | None = Field(
        description="Whoever still waits counts as waiting longer; null: half still wait"
    )
    p90_hours: float | None

    @classmethod
    def of(cls, one: Wait) -> Self:
        """As it is shown."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class ProofView(BaseModel):
    """How the alerts fared, as far as it is known now."""

    model_config = ConfigDict(json_schema_extra={"example": PROOF})

    as_of: datetime | None = Field(description="Null in stream time before the first event")
    opened_from: datetime | None = Field(description="Of which alerts: opened from here on")
    opened_to: datetime | None = Field(description="And before")
    definition: str
    definition_version: int = Field(description="Of the document that says what a departure is")
    window_days: int = Field(description="So long after an alert it is judged")
    held_out: FiguresView | None = Field(
        description="With whom nothing was done: what came true of their alerts is what the warning is worth. Null of "
        f"fewer than {LEAST} customers"
    )
    treated: ArmOfAlertsView | None = Field(description="The other arm; null with it")
    without_lot: ArmOfAlertsView = Field(description="Of playbooks that hold nobody out")
    calibration_error: float | None = Field(description="Mean distance between what was said and what came true")
    reliability: list[BandView]
    lifts: list[LiftView]
    lead_days: dict[str, float] | None = Field(
        description=f"Percentiles over the right alerts of the held out; null of fewer than {LEAST}"
    )
    recency_days: int = Field(description="After so many days without own activity the rule beside the alerts warns")
    recall: list[RecallView] = Field(description="In all and by tier; empty to who has charge of customers")
    recall_by: dict[str, list[RecallView]] = Field(
        description="By tier, segment and stage when the rule would have warned, tier and segment `unknown` where they "
        "changed before it was noted; empty likewise"
    )
    time_to_act: list[WaitView]
    by: dict[str, list[FiguresView]] = Field(
        description="The held out by month of opening; tier, stage, segment and severity when it was opened; cause; "
        f"version of the model. A group of fewer than {LEAST} customers is left out, and with a single one the next "
        "smallest"
    )

    @classmethod
    def of(cls, found: Proof, asked: Asked, measure: Measuring, name: str, as_of: datetime | None) -> Self:
        """Figures as they are shown."""
        return cls(
            as_of=as_of,
            opened_from=asked.since,
            opened_to=asked.until,
            definition=name,
            definition_version=measure.version,
            window_days=measure.definition.window.days,
            held_out=FiguresView.of(found.held_out) if found.held_out else None,
            treated=ArmOfAlertsView.of(found.treated) if found.treated else None,
            without_lot=ArmOfAlertsView.of(found.without_lot),
            calibration_error=calibration_error(found.ranked.bands) if found.ranked else None,
            reliability=_bands(found.ranked),
            lifts=_lifts(found.ranked),
            lead_days=_quantiles(found.lead_days),
            recency_days=measure.recency_days,
            recall=[RecallView.of(one) for one in (found.beside, *found.beside_by.get("tier", ())) if one],
            recall_by={name: [RecallView.of(one) for one in those] for name, those in found.beside_by.items()},
            time_to_act=[WaitView.of(one) for one in found.waits],
            by={group: [FiguresView.of(one) for one in those] for group, those in found.by.items()},
        )


def _bands(found: Ranked | None) -> list[BandView]:
    bands = found.bands if found else ()
    return [BandView(alerts=one.samples, said=one.said, true=RateView.of(one.true)) for one in bands]


def _lifts(found: Ranked | None) -> list[LiftView]:
    pairs = zip_longest(found.ours, found.recency) if found else ()
    return [
        LiftView(
            share=one.share,
            alerts=one.samples,
            lift=RateView.of(one.lift),
            recency=rate_of(other.lift if other else None),
        )
        for one, other in pairs
    ]


def _quantiles(days: Sequence[int]) -> dict[str, float] | None:
    if len(days) < LEAST:
        return None
    return {str(share): float(days[min(len(days) * share // 100, len(days) - 1)]) for share in _QUANTILES}
