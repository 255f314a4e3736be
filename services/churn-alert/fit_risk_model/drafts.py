"""A fitted model as the document that a person reviews, with its card."""

from typing import NamedTuple

from churn_alert.risk.documents import RiskModelDocument, ThresholdsDocument
from churn_alert.risk.domain.features import NAMES
from fit_risk_model.books import Book
from fit_risk_model.lifetimes import lifetime_of, parameters_of, usual_outflow
from fit_risk_model.sources import Source
from fit_risk_model.windows import Made, SeenIn, Windows, made


class Draft(NamedTuple):
    """`made`: every label and horizon; the document holds those of the book's first label."""

    document: RiskModelDocument
    made: list[Made]


def drafted(
    book: Book, seen: SeenIn, windows: Windows, source: Source, former: RiskModelDocument, *, recalibrates: bool = False
) -> Draft:
    """The next version of `former`: all its rules but what is fitted. Raises RefitRefused, WindowsInvalid.

    One that only `recalibrates` keeps weights and lifetime, and the thresholds where they are among the customers.
    """
    lifetime = former.lifetime if recalibrates else lifetime_of(book, seen.train)
    before = {one.days: one for one in former.model().horizons} if recalibrates else {}
    parameters, first = parameters_of(lifetime), next(iter(book.drifts))
    found = {
        (label, days): made(book, seen, windows, label, days, parameters, source.bounds, former=before.get(days))
        for label in book.drifts
        for days in source.horizons
    }
    days = former.thresholds.horizon_days
    thresholds = former.thresholds.model_copy(
        update={
            "usual_outflow": usual_outflow(seen.train, former.thresholds.usual_outflow),
            "horizon_days": days if days in source.horizons else source.horizons[0],
        }
    )
    if recalibrates:
        thresholds = _moved(former, thresholds, found[first, former.thresholds.horizon_days])
    document = former.model_copy(
        update={
            "version": former.version + 1,
            "reason": f"{'Calibrated' if recalibrates else 'Fitted'} anew on {book.name}",
            "lifetime": lifetime,
            "features": NAMES,
            "horizons": tuple(found[first, days].document for days in source.horizons),
            "thresholds": thresholds,
            "card": {"probability_of": first, "held_by_hand": source.held},
        }
    )
    return Draft(document, list(found.values()))


def _moved(former: RiskModelDocument, thresholds: ThresholdsDocument, of: Made) -> ThresholdsDocument:
    """The same log-odds as before, in the words of the new calibration: the same customers are warned of."""
    model = former.model()
    upper, lower = (round(of.horizon.probability(one), 4) for one in (model.upper_log_odds, model.lower_log_odds))
    return thresholds.model_copy(update={"upper": upper, "lower": lower})
