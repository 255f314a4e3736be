"""What the last crossing was decided on: kept so that events which come late or are booked back can show it untrue."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from churn_alert.risk.domain.behaviour import Risk


@dataclass(slots=True)
class Crossed:
    """One crossing. `state`: of its customer as it was at `at`, and all that came late of the time before."""

    direction: Literal["up", "down"]
    at: datetime
    level_since: datetime | None
    """Of the level before."""
    model_version: int
    state: Risk
    crossing_id: UUID | None = None
    """None until it is told."""
    is_changed: bool = True
    """Whether it is to be written."""

    def is_level_of(self, risk: Risk) -> bool:
        """Whether the present level is by this very crossing, and nothing else has been decided since."""
        return risk.level_since == self.at and risk.is_raised is (self.direction == "up")


def crossed_now(risk: Risk, direction: Literal["up", "down"], at: datetime, model_version: int) -> Crossed:
    """Of a customer who is about to cross."""
    state = replace(risk, anchor=None, crossed=None, ahead=(), before=None)
    return Crossed(direction, at, risk.level_since, model_version, state)
