"""What is fitted and measured on: customers at midnights, each with the terms of the log-odds and the truth."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.crossing import Rules, anchor_of, is_known
from churn_alert.risk.domain.model import RiskModel, Weights
from churn_alert.risk.normal_ranges import read_ranges
from fit_risk_model.banks import BANK, Life, Simulated, fold, midnight
from fit_risk_model.progress import shown
from simulator.bank import Plan

TERMS = ("week", "month", "silence", "inflow", "outflow", "negatives")
BEGINS, ENDS, BEFORE = 7, 75, 7
"""A customer counts as declining from a week after the planted day, when it can show, for ten weeks, and as not
declining until a week before it; what lies between and after is left out."""


class Samples(NamedTuple):
    """A row a midnight of a customer: the terms, in the order of TERMS, and 1 where the customer is declining."""

    terms: NDArray[np.float64]
    declining: NDArray[np.float64]

    def probabilities(self, weights: Weights) -> NDArray[np.float64]:
        """What a model of these weights says at each."""
        slopes = np.array([getattr(weights, term) for term in TERMS])
        return np.asarray(1.0 / (1.0 + np.exp(-(weights.intercept + self.terms @ slopes))))


def samples(bank: Simulated, model: RiskModel) -> Samples:
    """Every third midnight of every customer with enough history."""
    lives = shown(bank.lives.values(), f"midnights of bank {bank.seed}")
    found = [sample for life in lives for sample in _of(life, bank.plan, model)]
    return Samples(np.array([terms for terms, _ in found]), np.array([float(mark) for _, mark in found]))


def _of(life: Life, plan: Plan, model: RiskModel) -> Iterator[tuple[list[float], bool]]:
    rules = Rules(BANK, model, read_ranges().ranges())
    units = [
        replace(model, weights=Weights(0.0, *(1.0 if name == term else 1e-12 for name in TERMS))) for term in TERMS
    ]
    risk, place = Risk("c"), 0
    for index in range(75, plan.length, 3):
        at = midnight(plan, index)
        while place < len(life.events) and life.events[place].at < at:
            fold(risk, life.events[place].event)
            place += 1
        anchor = anchor_of(risk, rules)
        since = (at.date() - life.decline.declines_from).days if life.decline else -(1 << 20)
        is_declining = BEGINS <= since < ENDS
        if anchor is None or not is_known(risk, model, at) or not (is_declining or since < -BEFORE):
            continue
        yield [unit.log_odds(anchor, anchor.silence(at)) for unit in units], is_declining
