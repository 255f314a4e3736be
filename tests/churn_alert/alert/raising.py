"""Crossings and alerts for tests of the rules."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from churn_alert.alert.documents import read_policy_versions
from churn_alert.alert.domain.lifecycle import Alert, Known
from churn_alert.alert.domain.steps import opened_on
from churn_alert.risk.domain.crossing import Crossing, ToldCrossing
from churn_alert.risk.domain.indicators import Indicator
from tests.churn_alert.lives import RULES, START

(DOCUMENT,) = read_policy_versions(None, today=date(2026, 1, 1))
POLICY = DOCUMENT.policy()
ALERT_ID = UUID("0199c7f1-90b8-8d5a-9f02-6b6a3c1d20ab")
CROSSING_ID = UUID("0199c7f1-90b8-8d5a-9f02-6b6a3c1d20aa")


def four(**deviations: float) -> list[Indicator]:
    """The four indicators, all in their range but those of which it is said how far they are out (`_` for `-`)."""
    names = ("transactions", "account-activity", "service-feedback", "product-use")
    found = [Indicator(name, 10.0, 4.0, None, baseline=10.0, deviations=0.0) for name in names]
    for place, one in enumerate(found):
        if far := deviations.get(one.name.replace("-", "_")):
            found[place] = replace(one, value=3.0, deviations=-far, since=START)
    return found


def told(*indicators: Indicator, direction: Any = "up", clears: UUID | None = None, **facts: Any) -> ToldCrossing:
    """A crossing at the start, by silence, at 75 %."""
    crossing = Crossing("c-1", direction, "silence", 0.75, 0.75, tuple(indicators), RULES.model, START, clears)
    return ToldCrossing(CROSSING_ID, replace(crossing, **facts), "timer")


def raised(*indicators: Indicator, known: Known | None = None, **fields: Any) -> Alert:
    """The alert of such a crossing; `fields` replace what is said of it."""
    alert, _ = opened_on(told(*indicators), ALERT_ID, known or Known(), POLICY, lambda *_: None)
    return replace(alert, **fields)
