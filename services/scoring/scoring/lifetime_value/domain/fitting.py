"""How a model is fitted to the whole book: by a hold-out first, which measures how far off such a model is, then anew.

The days say when, so the hold-out needs no other data: what was known 90 days ago is what had happened by then.
"""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, tzinfo
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from rapport.behaviour import portfolio
from rapport.behaviour.calibration import Calibration, calibrated
from rapport.behaviour.fit import FitRefused, fit_mbg_of_loyal
from rapport.behaviour.lifetime import History
from rapport.behaviour.lifetime_value import Terms
from rapport.behaviour.portfolio import Histories
from rapport.behaviour.spend import Spending
from rapport.behaviour.spend_fit import fit_spend
from scoring.lifetime_value.domain.model import Activity, Figures, Fitted

MONTHS = 12
_MONTH = 365.25 / 12.0
_HELD_OUT_DAYS = 90
_MOST_FITTED = 100_000
"""Customers: so many took seven seconds to fit (docs/decisions/0014-lifetime-value-in-closed-form.md)."""
_LAST_CRC = 2**32
STEPS = ("fitting what came before the hold-out", "fitting the active days", "fitting the money")


def terms_of(margin: float, discount: float) -> Terms:
    """A year in twelfths, not calibrated yet; `discount` is a year's."""
    return Terms(MONTHS, _MONTH, (1.0 + discount) ** (1.0 / MONTHS) - 1.0, margin, 1.0)


class Book:
    """Everybody's activity as of one moment: in columns, and as it is for the customers a model is fitted on."""

    def __init__(self, customers: int, at: datetime, zone: tzinfo) -> None:
        self.at, self.zone = at, zone
        self.sample: list[Activity] = []
        self._share = _MOST_FITTED / max(customers, 1)
        self._cells = array("d")

    def add(self, customer_id: str, activity: Activity) -> None:
        """One customer; who has no active day is nobody here. The same customers are always the sample."""
        history = activity.days.history(self.at, self.zone)
        if history is None:
            return
        self._cells.extend((*history, activity.minor))
        if crc32(customer_id.encode()) < self._share * _LAST_CRC:
            self.sample.append(activity)

    @property
    def customers(self) -> int:
        """How many are active."""
        return len(self._cells) // 4

    def value_by(self, model: Fitted) -> float:
        """What all customers together will bring, in minor units: `Fitted.value_of` of each, summed."""
        if not self.customers:
            return 0.0
        table = np.frombuffer(self._cells, dtype=np.float64).reshape(-1, 4)
        minor, histories = np.maximum(table[:, 3], 0.0), _columns(table[:, :3])
        days = histories.frequency + 1
        spend = np.where(minor > 0.0, portfolio.expected_spend(model.spend, days, minor / days), 0.0)
        return float(portfolio.lifetime_value(model.activity, histories, spend, model.terms).sum())


def fit(book: Book, terms: Terms, step: Callable[[str], None] = lambda _: None) -> Fitted:
    """The model of a book; `step` hears what begins, one of `STEPS`. Raises FitRefused and CalibrationRefused."""
    step(STEPS[0])
    held_out = _held_out(book)
    step(STEPS[1])
    histories = [known for one in book.sample if (known := one.days.history(book.at, book.zone)) is not None]
    activity = fit_mbg_of_loyal(histories)
    step(STEPS[2])
    spend = fit_spend(Spending(one.days.days, one.minor / one.days.days) for one in book.sample if one.minor > 0)
    return Fitted(
        as_of=book.at,
        activity=activity.parameters,
        spend=spend.parameters,
        terms=replace(terms, calibration=held_out.calibration.factor),
        standard_error=held_out.calibration.standard_error,
        figures=Figures(
            customers=book.customers,
            fitted_on=activity.customers,
            activity_log_likelihood=activity.log_likelihood,
            spend_log_likelihood=spend.log_likelihood,
            correlation=spend.correlation,
            a_is_held=activity.a_is_held,
            b_is_held=activity.b_is_held,
            mean_is_held=spend.mean_is_held,
            held_out=held_out.customers,
            days_expected=held_out.expected,
            days_came=held_out.came,
        ),
    )


@dataclass(frozen=True, slots=True)
class _HeldOut:
    calibration: Calibration
    customers: int
    expected: float
    came: int


def _held_out(book: Book) -> _HeldOut:
    """Fit on the days before the last 90 full ones, expect those, and count what came."""
    today = book.at.astimezone(book.zone).date()
    begins = today - timedelta(days=_HELD_OUT_DAYS)
    midnight = datetime.combine(begins, time.min, book.zone)
    known = [
        (history, one.days.count_between(begins, today))
        for one in book.sample
        if (history := one.days.before(begins).history(midnight, book.zone)) is not None
    ]
    if not known:
        raise FitRefused(f"nobody was active before the last {_HELD_OUT_DAYS} days: wait for a longer history")
    histories, came = zip(*known, strict=True)
    parameters = fit_mbg_of_loyal(histories).parameters
    expected = portfolio.expected_activity(parameters, _columns(histories), float(_HELD_OUT_DAYS))
    calibration = calibrated(expected.tolist(), came)
    return _HeldOut(calibration, len(known), float(expected.sum()), sum(came))


def _columns(table: Sequence[History] | NDArray[np.float64]) -> Histories:
    frequency, recency, age = np.array(table, dtype=np.float64).T
    return Histories(frequency.astype(np.int64), recency, age)
