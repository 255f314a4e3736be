"""The fitted scorecard as a document: what experts say of the features, what the data say of bins and points."""

import json
import re
from math import isnan

import numpy as np

from fit_scorecard.banks import Observed
from fit_scorecard.binning import Column
from fit_scorecard.expert import EXPERT
from fit_scorecard.fitting import Fitted, Variable, fit
from scoring.scorecard.documents import FeatureDocument, ScorecardDocument, ThresholdsDocument
from scoring.scorecard.domain import Scorecard, Values

HIGH, MIDDLE = 0.14, 0.45
"""Shares of the customers by tier that the thresholds aim at; as the expert card had them after a year."""
TOP = 0.3
"""The outcome that is fitted: a contribution among this share of the highest; why so many: docs/decisions/0042."""


_UNKNOWN_AS = {"loan_class": 0.0}
"""Who has no loan is no worse a risk than who repays one: a loan's margin must not pass for safety."""


def is_top(contribution: Column) -> Column:
    """1 for customers among the top by contribution."""
    return (contribution >= np.quantile(contribution, 1 - TOP)).astype(np.float64)


def fitted_on(bank: Observed, *, without: str | None = None) -> Fitted:
    """What one year's end says of the next year, by the features of the expert card and in its directions."""
    everything = variables()
    asked = [place for place, one in enumerate(everything) if one.name != without]
    table, outcome = columns(bank.values)[:, asked], is_top(bank.contribution)
    return fit(table, outcome, [everything[place] for place in asked], bank.plan.seed)


def variables() -> list[Variable]:
    """The features that may count, in the order of `columns`."""
    return [
        Variable(one.name, 1 if one.points[-1] > one.points[0] else -1, _UNKNOWN_AS.get(one.name))
        for one in EXPERT.features
    ]


def columns(values: Column) -> Column:
    """A column a feature of the expert card, in the units of a document: money whole."""
    places = [Values._fields.index(one.name) for one in EXPERT.features]
    return values[:, places] / [100.0 if one.unit == "money" else 1.0 for one in EXPERT.features]


def points_of(card: Scorecard, values: Column) -> Column:
    """Each customer's points, as the service reckons them."""
    rows = (Values._make(None if isnan(value) else value for value in row) for row in values.tolist())
    return np.array([card.points_of(row) for row in rows], dtype=np.float64)


def document_of(fitted: Fitted, bank: Observed, reason: str) -> ScorecardDocument:
    """The scorecard of a bank's own fit; its thresholds hold the shares of tiers there."""
    features = [
        FeatureDocument(
            name=one.name,
            dimension=one.dimension,
            unit=one.unit,
            words=one.words,
            **fitted.features[one.name]._asdict(),
        )
        for one in EXPERT.features
        if one.name in fitted.features
    ]
    everybody = fitted.points_of(columns(bank.values), variables())
    return EXPERT.model_copy(update={"reason": reason, "features": features, "thresholds": _thresholds(everybody)})


def _thresholds(points: Column) -> ThresholdsDocument:
    """The tiers by share of customers; how they are left stays as experts laid it."""
    lowest, *steps = EXPERT.thresholds.tiers
    starts = [round(float(np.quantile(points, 1 - share))) for share in (HIGH + MIDDLE, HIGH)]
    tiers = [step.model_copy(update={"start": start}) for step, start in zip(steps, starts, strict=True)]
    return EXPERT.thresholds.model_copy(update={"tiers": [lowest, *tiers]})


def text_of(document: ScorecardDocument) -> str:
    """As it is published: one list a line, and always the same."""
    first = dict.fromkeys(("name", "version", "currency", "effective_from"))
    laid_out = json.dumps(first | document.model_dump(mode="json"), indent=2, ensure_ascii=False)
    return re.sub(r"\[[^][{}]*\]", lambda found: _on_one_line(found[0]), laid_out) + "\n"


def _on_one_line(numbers: str) -> str:
    return json.dumps([int(one) if one == int(one) else one for one in map(float, json.loads(numbers))])
