"""How alerts fare beside the truth, as the demo judges them: the model's, and those of a plain count of silent days."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.crossing import Rules, catch_up, decide
from churn_alert.risk.domain.model import RiskModel
from churn_alert.risk.domain.readiness import is_known
from churn_alert.risk.normal_ranges import read_ranges
from demo.judge import GRACE, Truth, judge
from fit_risk_model.banks import BANK, Life, Simulated
from fit_risk_model.books import fold, is_own
from fit_risk_model.progress import shown

Opened = Mapping[str, Sequence[tuple[datetime, str]]]
"""By customer, when each alert was opened and what for."""


def alerts_of(bank: Simulated, model: RiskModel) -> Opened:
    """What the service would open: each crossing upwards opens an alert while nobody acknowledges any."""
    rules = Rules(BANK, model, read_ranges().ranges())
    lives = shown(bank.lives.items(), f"alerts of bank {bank.seed} at {model.upper:.2f}")
    return {key: list(_raised(life, rules, bank.end)) for key, life in lives}


def _raised(life: Life, rules: Rules, end: datetime) -> Iterator[tuple[datetime, str]]:
    risk = Risk("c")
    found = []
    for at, event in life.events:
        found.append(catch_up(risk, rules, at))
        fold(risk, event, BANK)
        found.append(decide(risk, rules, at))
    found.append(catch_up(risk, rules, end))
    return ((one.at, one.cause) for one in found if one is not None and one.direction == "up")


def alerts_of_silence(bank: Simulated, model: RiskModel, limits: Sequence[int]) -> dict[int, Opened]:
    """By limit: an alert whenever a customer has done nothing for so many days, whoever it is.

    For customers with as much history as the model asks for, so that the two can be compared.
    """
    opened: dict[int, dict[str, list[tuple[datetime, str]]]] = {
        days: {key: [] for key in bank.lives} for days in limits
    }
    for key, life in shown(bank.lives.items(), f"silences of bank {bank.seed}"):
        for risk, until in _pauses(life, bank.end):
            for days in limits:
                at = risk.last_activity_at + timedelta(days=days) if risk.last_activity_at else until
                if at < until and is_known(risk, model, at):
                    opened[days][key].append((at, "silence"))
    return dict(opened)


def _pauses(life: Life, end: datetime) -> Iterator[tuple[Risk, datetime]]:
    """The customer before each own act, and when that act is; last, at the end."""
    risk = Risk("c")
    for at, event in life.events:
        if is_own(event):
            yield risk, at
        fold(risk, event, BANK)
    yield risk, end


def judged(bank: Simulated, opened: Opened) -> dict[str, Any]:
    """As the demo judges, and how many days after the planted one the first alert of a decliner came."""
    declines = {key: life.decline for key, life in bank.lives.items() if life.decline}
    truth = {key: Truth(line.declines_from, line.gone_on) for key, line in declines.items()}
    verdict = judge([(key, at.date()) for key, found in opened.items() for at, _ in found], truth)
    delays = [
        (min(hits) - line.begins_on).days
        for key, line in truth.items()
        if (hits := [at.date() for at, _ in opened[key] if at.date() >= line.begins_on - GRACE])
    ]
    return {
        "alerts": verdict.alerts,
        "declines": verdict.declines,
        "precision": round(verdict.precision or 0.0, 3),
        "recall": round(verdict.recall or 0.0, 3),
        "median_days_before_the_customer_is_gone": verdict.median_lead_days,
        "median_days_after_the_decline_began": float(np.median(delays)) if delays else None,
        "by_cause": dict(Counter(cause for found in opened.values() for _, cause in found)),
    }
