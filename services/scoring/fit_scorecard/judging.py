"""A scorecard beside the expert one and beside the average balance alone, on one bank; and what drifted there."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from fit_scorecard.banks import Observed
from fit_scorecard.documents import HIGH, columns, is_top, points_of, variables
from fit_scorecard.expert import EXPERT, scorecard_of
from fit_scorecard.measures import Numbers, auc, lift, psi, rank_correlation, share_held
from scoring.scorecard.documents import ScorecardDocument
from scoring.scorecard.domain import Scorecard, Values

TENTH = 0.1
_BALANCE = Values._fields.index("average_balance")


class Ranking(NamedTuple):
    """How one score ranks what customers contributed in the year after it."""

    rank_correlation: float
    lift_at_a_tenth: float
    held_by_the_best: float
    """Share of all contribution held by the best customers, as many as the high tier aims at."""
    auc: float
    high_tier: float | None
    """Share of customers whose points reach the high threshold, by the plain threshold; None without thresholds."""
    held_by_high_tier: float | None


class Judgement(NamedTuple):
    """One bank: rankings by name; PSI by `points` and feature, against the bank fitted on and half a year later."""

    seed: int
    customers: int
    rankings: Mapping[str, Ranking]
    psi_between_banks: Mapping[str, float]
    psi_half_a_year_later: Mapping[str, float]


def judged(document: ScorecardDocument, fitted_on: Observed, bank: Observed) -> Judgement:
    """All figures of one bank; the bank fitted on lies at no distance from itself."""
    card, expert = scorecard_of(document), scorecard_of(EXPERT)
    points = points_of(card, bank.values)
    return Judgement(
        seed=bank.plan.seed,
        customers=len(points),
        rankings={
            "fitted": _ranking(points, bank, card),
            "expert": _ranking(points_of(expert, bank.values), bank, expert),
            "average balance": _ranking(bank.values[:, _BALANCE], bank, None),
        },
        psi_between_banks=_drift(document, card, fitted_on.values, bank.values),
        psi_half_a_year_later=_drift(document, card, bank.values, bank.later),
    )


def _ranking(score: Numbers, bank: Observed, card: Scorecard | None) -> Ranking:
    money = bank.contribution
    is_high = None if card is None else score >= card.thresholds.starts[-1]
    return Ranking(
        rank_correlation=rank_correlation(score, money),
        lift_at_a_tenth=lift(score, money, TENTH),
        held_by_the_best=share_held(score, money, HIGH),
        auc=auc(score, is_top(money)),
        high_tier=None if is_high is None else float(is_high.mean()),
        held_by_high_tier=None if is_high is None else float(money[is_high].sum() / money.sum()),
    )


def _drift(document: ScorecardDocument, card: Scorecard, before: Numbers, after: Numbers) -> dict[str, float]:
    """Points over tenths of the points before, every feature over its own bins."""
    points = points_of(card, before)
    tenths = np.unique(np.quantile(points, np.arange(1, 10) / 10))
    found = {"points": psi(points, points_of(card, after), tenths)}
    places = {variable.name: place for place, variable in enumerate(variables())}
    inputs = [
        (one, columns(before)[:, places[one.name]], columns(after)[:, places[one.name]]) for one in document.features
    ]
    return found | {one.name: psi(had, has, tuple(one.edges)) for one, had, has in inputs}
