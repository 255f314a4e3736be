"""A fitted model as the document that a person reviews, with its card."""

from collections.abc import Sequence
from typing import NamedTuple

from churn_alert.proof.domain.reliability import reliability
from churn_alert.risk.documents import RiskModelDocument, ThresholdsDocument
from churn_alert.risk.domain.features import NAMES
from fit_risk_model.books import Book
from fit_risk_model.fitting import RefitRefused
from fit_risk_model.lifetimes import lifetime_of, parameters_of, usual_outflow
from fit_risk_model.sources import Source
from fit_risk_model.windows import Made, SeenIn, Windows, made, probabilities_of


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


def bettered(book: Book, seen: SeenIn, windows: Windows, source: Source, former: RiskModelDocument) -> Draft:
    """The next version of `former`: each horizon whose refit foretells the test better, by Brier score to four digits,
    and all else as it was, thresholds and lifetime too. Raises RefitRefused where there is none, WindowsInvalid.
    """
    standing, label = {one.days: one for one in former.model().horizons}, next(iter(book.drifts))
    lifetime, name = parameters_of(former.lifetime), f"version {former.version}"
    found, taken = [], dict.fromkeys(standing, False)
    for days, before in standing.items():
        one = made(book, seen, windows, label, days, lifetime, source.bounds)
        beside = reliability(probabilities_of(before, one.test), one.test.outcomes)
        taken[days] = one.figures["brier_score"] < beside.brier_score
        found.append(one._replace(figures=one.figures | {name: beside._asdict(), "taken": taken[days]}))
    anew = [days for days, is_taken in taken.items() if is_taken]
    if not anew:
        raise RefitRefused(f"no horizon foretells the test better than {name}")
    kept = [days for days in standing if days not in anew]
    how = f"{_days(anew)} fitted anew on {book.name}: a later time is foretold better than by {name}"
    document = former.model_copy(
        update={
            "version": former.version + 1,
            "reason": f"{how}; all else, and who is warned of, as before"
            if former.thresholds.horizon_days in kept
            else how,
            "horizons": tuple(
                one.document if one.horizon.days in anew else before
                for one, before in zip(found, former.horizons, strict=True)
            ),
            "card": {
                "probability_of": label,
                "held_by_hand": source.held,
                "as_before": f"lifetime, thresholds{', ' + _days(kept) if kept else ''}: see the card of {name}",
                "not_for": former.card.get("not_for", "customers of another bank than it was fitted on"),
            },
        }
    )
    return Draft(document, found)


def _days(horizons: Sequence[int]) -> str:
    return " and ".join(f"{days} days" for days in horizons)


def _moved(former: RiskModelDocument, thresholds: ThresholdsDocument, of: Made) -> ThresholdsDocument:
    """The same log-odds as before, in the words of the new calibration: the same customers are warned of."""
    model = former.model()
    upper, lower = (round(of.horizon.probability(one), 4) for one in (model.upper_log_odds, model.lower_log_odds))
    return thresholds.model_copy(update={"upper": upper, "lower": lower})
