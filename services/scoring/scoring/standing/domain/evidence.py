"""What can be said of a customer at a moment, and what it earns on a scorecard."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapport.behaviour.decay import average_balance, rate
from scoring.scorecard.domain import DIMENSIONS, Dimension, Feature, Scorecard, Values
from scoring.standing.domain.state import INVESTMENTS, Bank, Standing

_LEAST = 1e-9
"""Below this a decayed sum is nothing, or what rounding left of a posting that was taken back."""
_WINDOW = 90
_TOMORROW = timedelta(days=1)
_REASONS = 3


def values_of(standing: Standing, at: datetime, bank: Bank) -> Values:
    """The features of a customer as of `at`, a clock reading; what was dated after it counts as of its own time."""
    inflow, outflow, own, penalties, overdrafts = standing.sums.read(at)
    balance = standing.balance_minor
    average = average_balance(balance, inflow.quarter - outflow.quarter)
    month = average_balance(balance, inflow.month - outflow.month)
    turnover = inflow.quarter + outflow.quarter
    days = 0
    if standing.active_days is not None:
        tomorrow = at.astimezone(bank.zone).date() + _TOMORROW
        days = standing.active_days.count_between(tomorrow - timedelta(days=_WINDOW), tomorrow)
    held = standing.holdings
    week_share = month_share = None
    if standing.active_days is not None:
        usual = rate(own.quarter, 90.0)
        week_share = rate(own.week, 7.0) / usual if own.quarter > _LEAST else 0.0
        month_share = rate(own.month, 30.0) / usual if own.quarter > _LEAST else 0.0
    return Values(
        average_balance=average,
        investments=sum([held[kind].minor for kind in INVESTMENTS if kind in held]),
        turnover=30.0 * rate(turnover, 90.0),
        activity_week=week_share,
        activity_month=month_share,
        active_days=days,
        products=sum([kind.products for kind in held.values()]),
        inflow_share=inflow.quarter / turnover if turnover > _LEAST else None,
        balance_trend=month / average if average >= 10**bank.minor_digits else None,
        penalty_interest=penalties.year,
        overdrafts=overdrafts.year,
    )


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
    short = [item for item in evidence if item.shortfall > 0]
    return sorted(short, key=lambda item: -item.shortfall)[:_REASONS]
