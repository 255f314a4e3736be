"""A refit beside the model in force, each as it is, on the same customers at the same later times."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from churn_alert.proof.domain.reliability import ranking, reliability
from churn_alert.risk.documents import RiskModelDocument
from churn_alert.risk.domain.horizon import Horizon
from fit_risk_model import berka, cdnow
from fit_risk_model.banks import LABEL, Simulated, book_of, simulated
from fit_risk_model.books import Book, Outcome
from fit_risk_model.fitting import RefitRefused
from fit_risk_model.lifetimes import parameters_of
from fit_risk_model.samples import Known, Samples, Seen, sampled, seen_at
from fit_risk_model.simulating import FIRST_CUT, JUDGED_MONTHS
from fit_risk_model.sources import SOURCES, WEEK
from fit_risk_model.verdicts import alerts_of, judged
from fit_risk_model.windows import log_odds_of, probabilities_of
from simulator.bank import Plan

Column = dict[str, float | None]
"""By figure, named by what it was measured on; None: nothing to measure it by."""
_LOWER_IS_BETTER = ("Brier score", "calibration error")
_LEAD = "median_days_before_the_customer_is_gone"


class Beside:
    """Both columns, filled by what the two are judged on. What follows: `draft` is worse in `worse`."""

    def __init__(self, draft: RiskModelDocument, former: RiskModelDocument) -> None:
        self._both = {"draft": draft, "former": former}
        self.columns: dict[str, Column] = {name: {} for name in self._both}

    def on_later_midnights(self, book: Book, seen: Sequence[Seen]) -> None:
        """On those of the book the draft was fitted on which neither weights nor calibration have seen."""
        for name, document in self._both.items():
            for horizon in document.model().horizons:
                of = sampled(book, seen, next(iter(book.drifts)), horizon.days, parameters_of(document.lifetime))
                self.columns[name] |= _foretold(f"{book.name}, later, {horizon.days} days", horizon, of)

    def on_banks(self, seeds: Sequence[int], customers: int) -> None:
        """On the alerts of other simulated banks, and on what was said of their customers."""
        for seed in seeds:
            bank = simulated(Plan(seed=seed, customers=customers, months=JUDGED_MONTHS))
            for name, document in self._both.items():
                self.columns[name] |= _on_bank(bank, document)

    def on_real(self, folder: Path) -> None:
        """On CDNOW and Berka, fitted on neither: how well the longest horizon ranks who drifted away later."""
        shop, bank = cdnow.book_of(folder / "cdnow"), berka.book_of(folder / "berka_asc")
        for book, source, lasting in ((shop, "cdnow", 180), (bank, "berka", 90)):
            cuts = SOURCES[source].windows(book.days, lasting).test
            for name, document in self._both.items():
                seen = seen_at(book, cuts, SOURCES[source].known, document.overdispersion)
                self.columns[name] |= dict(_ranked(book, seen, document, lasting))

    def worse(self) -> list[str]:
        """The figures by which the draft is worse, each with both values."""
        found = []
        for figure, value in self.columns["draft"].items():
            before = self.columns["former"][figure]
            if before is None or value == before:
                continue
            if value is None or (value > before) == figure.endswith(_LOWER_IS_BETTER):
                found.append(f"{figure} {value} after {before}")
        return found

    def demand_not_worse(self) -> None:
        """Raises RefitRefused, which lists the figures."""
        if found := self.worse():
            raise RefitRefused(f"worse by {len(found)} of {len(self.columns['draft'])} figures: {'; '.join(found)}")

    def by_version(self) -> Mapping[str, Column]:
        """For the card."""
        return {f"version {of.version}": self.columns[name] for name, of in self._both.items()}


def _foretold(on: str, horizon: Horizon, of: Samples) -> Column:
    found = reliability(probabilities_of(horizon, of), of.outcomes)
    return {
        f"{on}: AUC": found.auc,
        f"{on}: Brier score": found.brier_score,
        f"{on}: calibration error": found.expected_calibration_error,
    }


def _on_bank(bank: Simulated, document: RiskModelDocument) -> Column:
    verdict, book = judged(bank, alerts_of(bank, document.model())), book_of(bank)
    column: Column = {
        f"{book.name}: precision": verdict["precision"],
        f"{book.name}: recall": verdict["recall"],
        f"{book.name}: median lead in days": verdict[_LEAD],
    }
    known: Known = SOURCES["simulated"].known
    for horizon in document.model().horizons:
        cuts = range(FIRST_CUT, book.days - horizon.days + 1, WEEK)
        seen = seen_at(book, cuts, known, document.overdispersion)
        of = sampled(book, seen, LABEL, horizon.days, parameters_of(document.lifetime))
        column |= _foretold(f"{book.name}, {horizon.days} days", horizon, of)
    return column


def _ranked(book: Book, seen: Sequence[Seen], document: RiskModelDocument, lasting: int) -> Iterator[tuple[str, float]]:
    """By the horizon's own features; what came of it within the time that the data is judged by."""
    horizon = max(document.model().horizons, key=lambda one: one.days)
    lifetime = parameters_of(document.lifetime)
    later = book._replace(drifts={label: _within(lasting, drift) for label, drift in book.drifts.items()})
    for label in book.drifts:
        of = sampled(later, seen, label, horizon.days, lifetime)
        yield f"{book.name}, {label}: AUC", round(ranking(log_odds_of(horizon, of), of.outcomes), 3)


def _within(lasting: int, drift: Outcome) -> Outcome:
    def drifted(customer: str, at: datetime, _: int) -> bool | None:
        return drift(customer, at, lasting)

    return drifted
