"""What stands beside the weights in a document: the lifetime of MBG/NBD, and how much money usually leaves."""

from collections.abc import Sequence

import numpy as np

from churn_alert.risk.documents import LifetimeDocument
from fit_risk_model.books import Book
from fit_risk_model.fitting import RefitRefused
from fit_risk_model.samples import Seen, histories
from rapport.behaviour.fit import FitRefused, fit_mbg_of_loyal
from rapport.behaviour.lifetime import MbgParameters


def lifetime_of(book: Book, seen: Sequence[Seen]) -> LifetimeDocument:
    """MBG/NBD on active days, in days, by what was known at the last of the midnights. Raises RefitRefused."""
    last = max((one.cut for one in seen), default=0)
    try:
        fit = fit_mbg_of_loyal(histories([one for one in seen if one.cut == last]))
    except FitRefused as refusal:
        raise RefitRefused(f"lifetime: {refusal}") from refusal
    r, alpha, a, b = (float(f"{value:.4g}") for value in _numbers(fit.parameters))
    held = {(True, True): ", a and b held, for hardly anybody leaves", (True, False): ", a held at 1"}
    how = f"Maximum likelihood on the active days of {fit.customers} customers of {book.name} by day {last}"
    return LifetimeDocument(r=r, alpha=alpha, a=a, b=b, fitted=f"{how}{held.get((fit.a_is_held, fit.b_is_held), '')}.")


def parameters_of(document: LifetimeDocument) -> MbgParameters:
    """The same as the rules take it."""
    return MbgParameters(document.r, document.alpha, document.a, document.b)


def usual_outflow(seen: Sequence[Seen], before: float) -> float:
    """Months of inflow that 95 % of those seen lose at most within a month; `before` where nobody has an inflow, or
    hardly anybody loses anything.
    """
    found = [one.anchor.outflow for one in seen if one.anchor.outflow is not None]
    most = round(float(np.quantile(found, 0.95)), 2) if found else 0.0
    return most if most > 0.0 else before


def _numbers(parameters: MbgParameters) -> tuple[float, float, float, float]:
    return parameters.r, parameters.alpha, parameters.a, parameters.b
