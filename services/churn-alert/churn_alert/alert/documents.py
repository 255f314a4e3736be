"""Alert policies as people write and review them: JSON documents, one a version, by a person, for a reason, from a day.

A policy that breaks a rule is refused whole, with the field at fault and what it should be.
"""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import ConfigDict, Field, model_validator

from churn_alert.alert.domain.lifecycle import Severity, Status
from churn_alert.alert.domain.policy import Answering, Escalation, Policy, Severities
from churn_alert.risk.domain.crossing import Rules
from rapport.documents import DocumentInvalid, Part, VersionDocument, in_force, in_succession, midnight, read_versions

PUBLISHED = Path(__file__).parent / "published" / "severity-and-ageing-1.json"
_NOUN = "alert policy"

_Indicator = Literal["transactions", "account-activity", "service-feedback", "product-use"]
_Stage = Literal["potential", "new", "mature", "lost"]
_Factor = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]
_Worth = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]
_Hours = Annotated[int, Field(ge=1, le=8760)]
_SEVEREST_FIRST: tuple[Severity, ...] = tuple(reversed(get_args(Severity)))


class SeverityDocument(Part):
    """Urgency is `probability × worth × (1 + departure)`; departure adds, of each indicator out of its range,
    `weight × emphasis × min(deviations, most_deviations) / most_deviations`."""

    worth: dict[str, _Worth] = Field(description="By tier, as scoring names it; 1 is an ordinary customer")
    worth_otherwise: _Worth = Field(description="Of a tier that is not named, and of who has none yet")
    weights: dict[_Indicator, _Factor] = Field(description="Of the four indicators, 1 altogether")
    most_deviations: Annotated[float, Field(gt=0, le=100)]
    emphasis: dict[_Stage, dict[_Indicator, _Factor]] = Field(description="1 where nothing is said")
    medium_from: float = Field(gt=0, description="Of urgency")
    high_from: float = Field(gt=0, description="Of urgency")

    @property
    def most(self) -> float:
        """The urgency that no alert reaches: the worthiest customer, everything as far out as counts."""
        weighed = [dict.fromkeys(self.weights, 1.0), *self.emphasis.values()]
        departure = max(sum(self.weights[name] * of.get(name, 1.0) for name in self.weights) for of in weighed)
        return max([self.worth_otherwise, *self.worth.values()]) * (1.0 + departure)

    @property
    def least_worth(self) -> float:
        """Of the customer who is worth least."""
        return min([self.worth_otherwise, *self.worth.values()])

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if set(self.weights) != set(get_args(_Indicator)):
            raise ValueError(f"weights: name each of {', '.join(get_args(_Indicator))}")
        if abs(sum(self.weights.values()) - 1.0) > 1e-9:
            raise ValueError("weights: must be 1 altogether")
        if self.medium_from >= self.high_from:
            raise ValueError("high_from: must be above medium_from, or no alert is medium")
        if self.high_from >= self.most:
            raise ValueError(f"high_from: must be below {self.most:g}, which no alert reaches, or none is high")
        return self


class EscalationDocument(Part):
    """After so many hours, to whom."""

    after_hours: _Hours
    to: Literal["team_lead", "risk_manager", "compliance"]


class AnsweringDocument(Part):
    """How soon people are to take the next step, and what follows when they do not."""

    within_hours: _Hours = Field(description="Overdue after so long")
    escalations: tuple[EscalationDocument, ...] = Field(max_length=5, description="The earliest first")

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        hours = [one.after_hours for one in self.escalations]
        if hours and hours[0] < self.within_hours:
            raise ValueError("escalations: the first must not be before within_hours")
        if any(later <= earlier for earlier, later in pairwise(hours)):
            raise ValueError("escalations: each must be later than the one before")
        return self

    def answering(self) -> Answering:
        """The same as the rules take it."""
        steps = (Escalation(timedelta(hours=one.after_hours), one.to) for one in self.escalations)
        return Answering(timedelta(hours=self.within_hours), tuple(steps))


class AgeingDocument(Part):
    """Of alerts of one severity: until somebody takes it up, and from then until it is closed."""

    opened: AnsweringDocument
    acknowledged: AnsweringDocument


class AlertPolicyDocument(VersionDocument):
    """One version of the alert policy, complete."""

    model_config = ConfigDict(json_schema_extra={"example": json.loads(PUBLISHED.read_bytes())})

    severity: SeverityDocument
    ageing: dict[Severity, AgeingDocument]
    longest_snooze_days: int = Field(ge=1, le=366)
    most_snoozes: int = Field(default=3, ge=1, le=100, description="Of one alert, so that none rests without end")

    @model_validator(mode="after")
    def _asks_for_more_of_what_is_more_severe(self) -> Self:
        if set(self.ageing) != set(get_args(Severity)):
            raise ValueError(f"ageing: name each of {', '.join(get_args(Severity))}")
        for more, less in pairwise(_SEVEREST_FIRST):
            for status in ("opened", "acknowledged"):
                within = [getattr(self.ageing[one], status).within_hours for one in (more, less)]
                if within[0] > within[1]:
                    raise ValueError(f"ageing.{more}.{status}.within_hours: must not be above that of {less}")
        return self

    def policy(self) -> Policy:
        """The same as the rules take it."""
        said = self.severity
        answers: dict[tuple[Severity, Status], Answering] = {}
        for severity, ageing in self.ageing.items():
            answers[severity, "opened"] = ageing.opened.answering()
            answers[severity, "acknowledged"] = ageing.acknowledged.answering()
        return Policy(
            version=self.version,
            severities=Severities(
                worth=said.worth,
                worth_otherwise=said.worth_otherwise,
                weights={str(name): weight for name, weight in said.weights.items()},
                emphasis={
                    stage: {str(name): factor for name, factor in factors.items()}
                    for stage, factors in said.emphasis.items()
                },
                most_deviations=said.most_deviations,
                medium_from=said.medium_from,
                high_from=said.high_from,
            ),
            answers=answers,
            longest_snooze=timedelta(days=self.longest_snooze_days),
            most_snoozes=self.most_snoozes,
        )


def read_policy_versions(own: Path | None, *, today: date) -> tuple[AlertPolicyDocument, ...]:
    """Every version, the bank's own or the published one. Raises DocumentInvalid, which names file and fields."""
    return read_versions(own, AlertPolicyDocument, noun=_NOUN, published=[PUBLISHED], today=today)


def policy_of(documents: Sequence[AlertPolicyDocument], deciding: Rules) -> Policy:
    """Versions as the rules take them, of alerts that `deciding` opens: the first, which knows what follows.

    Raises DocumentInvalid where a version would find no alert low, since all are more urgent than that as they open.
    """
    zone = deciding.bank.zone
    begun = {midnight(one.effective_from, zone) for one in documents} | {begins for begins, _ in deciding.later}
    for moment in sorted(begun):
        one, model = in_force(documents, moment.astimezone(zone).date()), deciding.at(moment).model
        least = model.upper * one.severity.least_worth
        if one.severity.medium_from <= least:
            raise DocumentInvalid(
                f"{_NOUN}: version {one.version}: severity.medium_from: must be above {least:g}, the urgency of who is"
                f" worth least at the threshold of risk model {model.version}, or no alert is low"
            )
    return in_succession(documents, zone, AlertPolicyDocument.policy)
