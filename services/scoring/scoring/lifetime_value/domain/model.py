"""A fitted model of the bank's customers, its versions, and what one says of a customer: in closed form, in money."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from rapport.behaviour.daily_counts import DailyCounts
from rapport.behaviour.lifetime import MbgParameters
from rapport.behaviour.lifetime_value import Terms, lifetime_value
from rapport.behaviour.spend import Spending, SpendParameters, expected_spend
from scoring.comparing import Compared

_BEFORE_IT_DECIDES = timedelta(minutes=1)
"""Every process has taken a model up by then, so none decides a moment by another one than the rest."""


class Activity(NamedTuple):
    """What a value follows from: the days of a customer's own postings, and the money moved by all of them, in minor
    units of the bank's currency."""

    days: DailyCounts
    minor: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a fit rests on, and what it leaves open.

    `customers` of the book are active, on `fitted_on` of them the model is fitted. `correlation`: of active days and
    the mean amount of one, 0 as the model assumes. In the hold-out `held_out` customers were expected to be active on
    `days_expected` days and were on `days_came`. What is held was not determined by the customers: a, b (of leaving),
    and the mean of money, which is then the customers' own.
    """

    customers: int
    fitted_on: int
    activity_log_likelihood: float
    spend_log_likelihood: float
    correlation: float
    a_is_held: bool
    held_out: int
    days_expected: float
    days_came: int
    b_is_held: bool = False
    mean_is_held: bool = False


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model of activity in days and of spend in minor units, as of the moment it was fitted for.

    `standard_error`: of `terms.calibration`, as measured in the hold-out.
    """

    as_of: datetime
    activity: MbgParameters
    spend: SpendParameters
    terms: Terms
    standard_error: float
    figures: Figures

    def value_of(self, days: DailyCounts | None, minor: int, at: datetime, zone: tzinfo) -> float | None:
        """What a customer will bring over the terms from `at` on, discounted to it, in minor units; None for one
        without activity. Who has moved no money of the bank's currency is outside the model of spend, and worth 0.
        """
        history = days.history(at, zone) if days else None
        if days is None or history is None:
            return None
        if minor <= 0:
            return 0.0
        spend = expected_spend(self.spend, Spending(days.days, minor / days.days))
        return lifetime_value(self.activity, history, spend, self.terms)


@dataclass(frozen=True, slots=True)
class LifetimeModel:
    """One version; it never changes."""

    version: int
    made_at: datetime
    fitted: Fitted


class LifetimeModels(Compared):
    """The versions of one bank. One object for everybody in a process: what is fitted meanwhile is taken up in it."""

    def __init__(self) -> None:
        self._models: tuple[LifetimeModel, ...] = ()

    def take(self, following: Sequence[LifetimeModel]) -> None:
        """Add those that follow the latest, in their order; what is known already is passed over."""
        known = self.latest.version if self.latest else 0
        self._models += tuple(model for model in following if model.version > known)

    @property
    def latest(self) -> LifetimeModel | None:
        """What is shown."""
        return self._models[-1] if self._models else None

    def deciding_at(self, moment: datetime) -> LifetimeModel | None:
        """The version by which a decision about this moment is made: from a minute after it was made.

        By the moment and not by what is known, so that life and its replay agree.
        """
        following = bisect_right(self._models, moment - _BEFORE_IT_DECIDES, key=lambda model: model.made_at)
        return self._models[following - 1] if following else None
