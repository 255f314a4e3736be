"""What lifetime values of simulated banks are by: a model as the service would have fitted it that day, or none."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from rapport.behaviour.calibration import CalibrationRefused
from rapport.behaviour.fit import FitRefused
from scoring.lifetime_value.domain.fitting import Book, fit, terms_of
from scoring.lifetime_value.domain.model import Activity, LifetimeModel
from scoring.settings import ScoringBankSettings
from scoring.standing.domain.state import Bank, Standing

ASSUMED = ScoringBankSettings()
"""Margin and discount, as the service assumes them of a bank that says nothing else."""


class Lifetime(NamedTuple):
    """A model, or why there is none; without one no lifetime value is known."""

    model: LifetimeModel | None
    refusal: str = ""


NOT_FITTED = Lifetime(None)
"""Nobody has tried yet."""


def lifetime_of(standings: Mapping[str, Standing], at: datetime, bank: Bank) -> Lifetime:
    """What `python -m scoring refit-lifetime-value` says of these customers at that moment."""
    book = Book(len(standings), at, bank.zone)
    for customer_id, standing in sorted(standings.items()):
        if standing.active_days is not None:
            book.add(customer_id, Activity(standing.active_days, standing.own_minor))
    try:
        fitted = fit(book, terms_of(ASSUMED.lifetime_margin, ASSUMED.lifetime_discount))
    except (FitRefused, CalibrationRefused) as refusal:
        return Lifetime(None, str(refusal))
    return Lifetime(LifetimeModel(1, at, fitted))
