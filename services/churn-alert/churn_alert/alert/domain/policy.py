"""How severe an alert is, how soon it is to be answered, and to whom it is taken when it is not: data of the bank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from churn_alert.alert.domain.lifecycle import Alert, Severity, Status
from churn_alert.risk.domain.indicators import Indicator
from rapport.succession import Succeeded


@dataclass(frozen=True, slots=True)
class Severities:
    """By risk, by how much the customer is worth to the bank, and by how far the indicators are out of their range.

    `worth` by tier; `weights` by indicator, one altogether; `emphasis` by stage of life and indicator, 1 where nothing
    is said; deviations above `most_deviations` count as so many.
    """

    worth: Mapping[str, float]
    worth_otherwise: float
    weights: Mapping[str, float]
    emphasis: Mapping[str, Mapping[str, float]]
    most_deviations: float
    medium_from: float
    high_from: float

    def urgency(
        self, probability: float, indicators: Sequence[Indicator], tier: str | None, stage: str | None
    ) -> float:
        """`probability × worth × (1 + departure)`: what would be lost, and how plain it is that something changed.

        `departure` is 0 where all is in its range, 1 where all four indicators are `most_deviations` spreads from what
        is usual and nothing is emphasised.
        """
        worth = self.worth_otherwise if tier is None else self.worth.get(tier, self.worth_otherwise)
        return probability * worth * (1.0 + self.departure(indicators, stage))

    def departure(self, indicators: Sequence[Indicator], stage: str | None) -> float:
        """The weighted deviations, each as a share of the most that counts, of those indicators that are out."""
        emphasis = self.emphasis.get(stage, {}) if stage is not None else {}
        return sum(
            self.weights.get(one.name, 0.0) * emphasis.get(one.name, 1.0) * self._share(one)
            for one in indicators
            if one.part_of is None and (one.is_low or one.is_high)
        )

    def _share(self, one: Indicator) -> float:
        return min(abs(one.deviations or 0.0), self.most_deviations) / self.most_deviations

    def of(self, urgency: float) -> Severity:
        """The severity that an urgency is of."""
        if urgency >= self.high_from:
            return "high"
        return "medium" if urgency >= self.medium_from else "low"


@dataclass(frozen=True, slots=True)
class Escalation:
    """To whom an alert is taken when so long nobody did what was due."""

    after: timedelta
    to: str


@dataclass(frozen=True, slots=True)
class Answering:
    """How soon the next step of people is due; and what follows without it, the earliest first."""

    within: timedelta
    escalations: tuple[Escalation, ...]


@dataclass(frozen=True, slots=True)
class Policy(Succeeded):
    """One version, and what follows it. `answers`: by the severity, and by the status that is to be left."""

    version: int
    severities: Severities
    answers: Mapping[tuple[Severity, Status], Answering]
    longest_snooze: timedelta
    most_snoozes: int

    def answering(self, alert: Alert) -> Answering:
        """What is asked for in the present status of an alert that is not closed."""
        return self.answers[alert.severity, alert.status]
