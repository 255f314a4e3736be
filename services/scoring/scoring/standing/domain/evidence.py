"""What can be said of a customer at a moment, and what it earns on a scorecard."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapport.behaviour.decay import DAY, average_balance, rate, weights
from scoring.exchange_rate.domain import Rates
from scoring.lifetime_value.domain.model import LifetimeModel
from scoring.scorecard.domain import DIMENSIONS, Dimension, Feature, Scorecard, Values
from scoring.standing.domain.assets import average_valuation, month_of
from scoring.standing.domain.foreign import Assets, assets_of
from scoring.standing.domain.state import Bank, Standing

_LEAST = 1e-9
"""Below this a decayed sum is nothing, or what rounding left of a posting that was taken back."""
_WINDOW = timedelta(days=90)
_TOMORROW = timedelta(days=1)
_REASONS = 3
_SEEN = 0.5
"""Of a point: less rounds to nothing."""


def values_of(standing: Standing, at: datetime, bank: Bank, rates: Rates, model: LifetimeModel | None = None) -> Values:
    """The features of a customer as of `at`, a clock reading; what was dated after it counts as of its own time.

    Without a model the lifetime value is not known; without a rate for a currency, what is held in it is left out.
    """
    # The sums in the order of SUMS, each at 7, 30, 90 and 365 days; as `sums.read(at)` has them, only what is needed.
    (
        _, in_month, in_quarter, _,
        _, out_month, out_quarter, _,
        own_week, own_month, own_quarter, _,
        _, _, _, penalties,
        _, _, _, overdrafts,
    ) = standing.sums.values  # fmt: skip
    as_of = standing.sums.as_of
    if as_of is not None and as_of < at:
        week_left, month_left, quarter_left, year_left = weights((at - as_of) / DAY)
        in_month, in_quarter = in_month * month_left, in_quarter * quarter_left
        out_month, out_quarter = out_month * month_left, out_quarter * quarter_left
        own_week, own_month, own_quarter = own_week * week_left, own_month * month_left, own_quarter * quarter_left
        penalties, overdrafts = penalties * year_left, overdrafts * year_left
    balance = standing.opening_minor + standing.credits_minor - standing.debits_minor
    average = average_balance(balance, in_quarter - out_quarter)
    turnover = in_quarter + out_quarter
    today = at.astimezone(bank.zone).date()
    days, week, month = 0, None, None
    if standing.active_days is not None and standing.active_days.bits:
        tomorrow = today + _TOMORROW
        days = standing.active_days.count_between(tomorrow - _WINDOW, tomorrow)
        # Rates a day, fast over slow: ln 2 cancels out. Who has long done nothing is at a standstill.
        week = own_week / own_quarter * (90.0 / 7.0) if own_quarter > _LEAST else 0.0
        month = own_month / own_quarter * (90.0 / 30.0) if own_quarter > _LEAST else 0.0
    recent = average_balance(balance, in_month - out_month)
    return Values(
        average,
        standing.holdings.investments_minor,
        30.0 * rate(turnover, 90.0),
        week,
        month,
        days,
        standing.holdings.products,
        in_quarter / turnover if turnover > _LEAST else None,
        recent / average if average >= 10**bank.minor_digits else None,
        penalties,
        overdrafts,
        _monthly_assets(standing, month_of(today), balance, rates, at),
        standing.holdings.loan_class,
        None if model is None else lifetime_value_of(standing, model, at, bank),
    )


def lifetime_value_of(standing: Standing, model: LifetimeModel, at: datetime, bank: Bank) -> float | None:
    """What a customer will bring by a model, in minor units; None for one without activity of their own."""
    return model.fitted.value_of(standing.active_days, standing.own_minor, at, bank.zone)


def foreign_assets_of(standing: Standing, at: datetime, bank: Bank, rates: Rates) -> list[Assets]:
    """What is held in other currencies, as it counts in the month's assets as of `at`."""
    if not standing.foreign:
        return []
    month = month_of(at.astimezone(bank.zone).date())
    return list(assets_of(standing.foreign, standing.holdings.valuations, month, rates, at))


def _monthly_assets(standing: Standing, month: int, balance: int, rates: Rates, at: datetime) -> float:
    assets = standing.movements.average_before(month, balance)
    assets += average_valuation(standing.holdings.valuations, month - 1)
    if standing.foreign:
        for held in assets_of(standing.foreign, standing.holdings.valuations, month, rates, at):
            assets += held.average * held.rate.factor if held.rate else 0.0
    return assets


@dataclass(frozen=True, slots=True)
class Evidence:
    """One feature of one customer: its value, the bin it falls into, and what that earns."""

    feature: Feature
    value: float | None
    bin: int | None
    """None where the value is not known."""
    points: int

    @property
    def shortfall(self) -> float:
        """How far the points stand below those of the typical customer; negative where above."""
        return self.feature.typical_points - self.points

    @property
    def lower_edge(self) -> float | None:
        """Where the bin begins; None for the first, and where nothing is known."""
        return self.feature.edges[self.bin - 1] if self.bin else None

    @property
    def upper_edge(self) -> float | None:
        """Where the bin ends; None for the last, and where nothing is known."""
        return self.feature.edges[self.bin] if self.bin is not None and self.bin < len(self.feature.edges) else None


def evidence_of(card: Scorecard, values: Values) -> list[Evidence]:
    """All features of a scorecard, in its order; their points add up to `card.points_of(values)`."""
    found = []
    for feature in card.features:
        value = getattr(values, feature.name)
        if value is None:
            found.append(Evidence(feature, None, None, feature.points_if_unknown))
        else:
            place = bisect_right(feature.edges, value)
            found.append(Evidence(feature, value, place, feature.points[place]))
    return found


def points_by_dimension(evidence: list[Evidence]) -> dict[Dimension, int]:
    """The points of each dimension; all four, also where a scorecard has no feature in one."""
    points = dict.fromkeys(DIMENSIONS, 0)
    for item in evidence:
        points[item.feature.dimension] += item.points
    return points


def reasons_in(evidence: list[Evidence]) -> list[Evidence]:
    """What holds a customer down: the largest shortfalls from the typical customer, at most three."""
    short = [item for item in evidence if item.shortfall >= _SEEN]
    return sorted(short, key=lambda item: -item.shortfall)[:_REASONS]
