"""The simulated source: a bank to fit on, and others, of another length and not fitted on, whose alerts are judged."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from churn_alert.proof.domain.reliability import reliability
from churn_alert.risk.documents import RiskModelDocument
from churn_alert.risk.domain.horizon import Horizon
from fit_risk_model.banks import LABEL, Simulated, book_of, simulated
from fit_risk_model.books import Book
from fit_risk_model.lifetimes import parameters_of
from fit_risk_model.samples import sampled, seen_at
from fit_risk_model.sources import SOURCES, WEEK
from fit_risk_model.verdicts import alerts_of, alerts_of_silence, judged
from fit_risk_model.windows import probabilities_of
from simulator.bank import Plan

JUDGED_MONTHS = 12
_OTHER_THRESHOLDS = (0.5, 0.7, 0.8)
_SILENT_DAYS = (14, 21, 28, 45)
FIRST_CUT = 77


def book_of_seed(seed: int, customers: int, months: int) -> Book:
    """The bank of that seed."""
    return book_of(simulated(Plan(seed=seed, customers=customers, months=months)))


def judged_on(document: RiskModelDocument, seeds: Sequence[int], customers: int) -> dict[str, Any]:
    """The alerts of each bank beside the truth at the document's threshold first, at others, beside plain silence; and
    how far each horizon's probability lies from what came true."""
    model = document.model()
    figures: dict[str, Any] = {}
    for seed in seeds:
        bank = simulated(Plan(seed=seed, customers=customers, months=JUDGED_MONTHS))
        found: dict[str, Any] = {}
        for upper in dict.fromkeys((model.upper, *_OTHER_THRESHOLDS)):
            tried = replace(model, upper=upper, lower=min(model.lower, upper / 2))
            found[f"from {upper:.2f}"] = judged(bank, alerts_of(bank, tried))
        for days, opened in alerts_of_silence(bank, model, _SILENT_DAYS).items():
            found[f"{days} silent days"] = judged(bank, opened)
        figures[f"bank {seed}"] = found | _reliabilities(bank, document, model.horizons)
    return figures


def compared_on(
    document: RiskModelDocument, former: RiskModelDocument, seeds: Sequence[int], customers: int
) -> dict[str, Any]:
    """By bank, how far the probabilities lie from what came true: of the horizons that differ, and of those before."""
    before = {one.days: one for one in former.model().horizons}
    differ = [one for one in document.model().horizons if one != before[one.days]]
    figures: dict[str, Any] = {}
    for seed in seeds:
        bank = simulated(Plan(seed=seed, customers=customers, months=JUDGED_MONTHS))
        figures[f"bank {seed}"] = {
            f"version {of.version}": _reliabilities(bank, of, horizons)
            for of, horizons in ((document, differ), (former, [before[one.days] for one in differ]))
        }
    return figures


def _reliabilities(bank: Simulated, document: RiskModelDocument, horizons: Sequence[Horizon]) -> dict[str, Any]:
    book, found = book_of(bank), {}
    for horizon in horizons:
        cuts = range(FIRST_CUT, book.days - horizon.days + 1, WEEK)
        seen = seen_at(book, cuts, SOURCES["simulated"].known, document.overdispersion)
        samples = sampled(book, seen, LABEL, horizon.days, parameters_of(document.lifetime))
        said = probabilities_of(horizon, samples)
        found[f"reliability, {horizon.days} days"] = reliability(said, samples.outcomes)._asdict()
    return found
