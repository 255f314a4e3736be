"""The alerts beside the rule that counts days without own activity, as it is answered."""

from typing import Any, Self

from pydantic import BaseModel, Field

from churn_alert.proof.domain.beside import Beside, Fared
from churn_alert.proof.domain.disclosure import LEAST, LEAST_JUDGED
from churn_alert.proof.views import RateView
from rapport.behaviour.rates import Rate

_RULE: dict[str, Any] = {
    "judged": 418.0,
    "right": 259.0,
    "precision": {"value": 0.62, "low": 0.573, "high": 0.665},
    "caught": 341.0,
    "recall": {"value": 0.86, "low": 0.82, "high": 0.89},
    "in_time": {"value": 0.81, "low": 0.77, "high": 0.85},
    "median_lead_days": 41.0,
}
RECALL: dict[str, Any] = {
    "group": None,
    "lost": 2100,
    "without_alert": 240,
    "recall": {"value": 0.86, "low": 0.82, "high": 0.89},
    "departures": 396.4,
    "alerts": _RULE,
    "recency": _RULE | {"judged": 1311.6, "right": 420.4, "precision": {"value": 0.321, "low": 0.296, "high": 0.346}},
}


class RuleView(BaseModel):
    """How one rule fared: its warnings of the held out, and of as large a share of who was never warned of."""

    judged: float = Field(description="Warnings whose window is over; who counts as a share makes it no whole number")
    right: float
    precision: RateView | None = Field(description=f"Share of them that were right; null below {LEAST_JUDGED}")
    caught: float = Field(description="Of the departures, those that it told of, before or after the customer was gone")
    recall: RateView | None = Field(description=f"Share of the departures; null of fewer than {LEAST}")
    in_time: RateView | None = Field(description="Share of the departures that it told of before the customer was gone")
    median_lead_days: float | None = Field(description="Of those caught, from the first warning until they were gone")

    @classmethod
    def of(cls, one: Fared) -> Self:
        """As it is shown."""
        cells = {name: getattr(one, name) for name in cls.model_fields}
        rates = {name: rate_of(cells[name]) for name in ("precision", "recall", "in_time")}
        counts = {name: round(cells[name], 1) for name in ("judged", "right", "caught")}
        return cls(**cells | rates | counts)


class RecallView(BaseModel):
    """Departures of the months of which all is judged: which of them the alerts told of, and which a rule would have
    that warns whoever has done nothing of their own for `recency_days`.
    """

    group: str | None = Field(description="What was known when the rule would have warned; null: all")
    lost: int = Field(description="Departures of all customers, the treated too")
    without_alert: int = Field(description="Of whom nobody was warned")
    recall: RateView | None = Field(description="As of `alerts`")
    departures: float = Field(
        description="Those that both rules are measured by: of the held out, and of as large a share of who was never "
        "warned of as is held out of the others"
    )
    alerts: RuleView
    recency: RuleView = Field(description="The rule, on the same customers and months")

    @classmethod
    def of(cls, one: Beside) -> Self:
        """As it is shown."""
        return cls(
            group=one.group,
            lost=one.lost,
            without_alert=one.without_alert,
            recall=rate_of(one.alerts.recall),
            departures=round(one.departures, 1),
            alerts=RuleView.of(one.alerts),
            recency=RuleView.of(one.recency),
        )


def rate_of(rate: Rate | None) -> RateView | None:
    """A rate as it is shown; null where it may not be told."""
    return RateView.of(rate) if rate else None
