"""What is normal for one customer: how much a month of what they do, how widely that varies, and when it was left.

Each measure is a pace of late (half-life 30 days) beside the customer's own of the year (365 days), as of the latest
event. What is usual stands as it was at that event and the pace of late only fades, so the moment at which silence
alone takes it out of the normal range is known in closed form, and nothing comes back while nothing happens.

A month of salary days and month ends passes through both paces nearly alike. How far chance spreads one over the other
follows from how often the customer acts and how much at once: of independent bursts, in closed form
(variance of a shot noise, Campbell's theorem), so ranges are wide for whoever acts seldom or all at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp2, log, sqrt
from typing import NamedTuple

from churn_alert.risk.domain.accounts import money_on
from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.sums import OUT_OF_RANGE, PLACE
from rapport.behaviour.decay import DAY, LN2

MONTH, QUARTER, YEAR = 30.0, 90.0, 365.0
_VARIES = LN2 * (1.0 / (2.0 * MONTH) + 1.0 / (2.0 * YEAR) - 2.0 / (MONTH + YEAR))
"""Variance of the ratio of a 30-day to a 365-day pace, times the bursts a day."""
_OLDER = YEAR - QUARTER
"""Days in the difference of the weights at 365 and 90 days, over ln 2: what lies back, and nothing of today."""
_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class NormalRanges:
    """How far from usual is still normal.

    `deviations`: how many spreads. `varies`: what of the usual it varies beyond chance; of the balance
    `balance_varies`, and `income_share` of a month's income besides. Before `least_history` and `least_events` nothing
    is known to be normal. `usual_negatives`: negative feedback, decayed at 90 days, normal for who never gave any.
    """

    version: int
    deviations: float
    varies: float
    balance_varies: float
    income_share: float
    least_history: timedelta
    least_events: int
    usual_negatives: float


class Measure(NamedTuple):
    """As of the latest event, in units a month or minor units of money; the normal range is baseline ± reach."""

    value: float
    baseline: float
    spread: float
    reach: float


class Normal(NamedTuple):
    """One customer's measures; None where there is not enough history. `feedback` does not fade, the others do."""

    as_of: datetime
    begins: datetime
    """From when on there is enough history."""
    transactions: Measure | None
    turnover: Measure | None
    balance: Measure | None
    feedback: Measure
    product_use: Measure | None
    standing: float
    """What is on the accounts: what the balance fades to."""

    def value(self, place: int, at: datetime) -> float:
        """Of the measure at this place of OUT_OF_RANGE, as it is at `at` if nothing has happened since."""
        measure = self.measures[place]
        assert measure is not None
        if place == FEEDBACK:
            return measure.value
        left = exp2(-max((at - self.as_of) / DAY, 0.0) / MONTH)
        floor = self.standing if place == BALANCE else 0.0
        return max(floor, floor + (measure.value - floor) * left)

    @property
    def measures(self) -> tuple[Measure | None, ...]:
        """In the order of OUT_OF_RANGE."""
        return self.transactions, self.turnover, self.balance, self.feedback, self.product_use


BALANCE, FEEDBACK = OUT_OF_RANGE.index("balance"), OUT_OF_RANGE.index("service_feedback")


def normal_of(risk: Risk, ranges: NormalRanges) -> Normal | None:
    """What is normal for this customer; None before the first event."""
    sums, first = risk.sums, risk.first_event_at
    if sums.as_of is None or first is None:
        return None
    values = sums.values
    tenure = max((sums.as_of - first) / DAY, 1.0 / 24.0)
    # What share of a steady flow's sum has built up since the first event: without it the young would look faster.
    to_month = LN2 / (1.0 - exp2(-tenure / MONTH))
    built_year = 1.0 - exp2(-tenure / YEAR)
    to_year = LN2 * MONTH / YEAR / built_year
    income = values[_INFLOW + 3] * to_year

    def paced(at: int, bursts: float) -> Measure | None:
        """`bursts`: how many independent ones there are in a month."""
        baseline = values[at + 3] * to_year
        if baseline <= _LEAST or bursts <= _LEAST:
            return None
        spread = baseline * sqrt(_VARIES * MONTH / bursts + ranges.varies * ranges.varies)
        return Measure(values[at + 1] * to_month, baseline, spread, ranges.deviations * spread)

    transactions = turnover = product_use = balance = None
    burst = _burst(risk)
    if risk.own_transactions >= ranges.least_events:
        transactions = paced(_OWN, values[_OWN + 3] * to_year / burst)
        moved, squares = values[_TURNOVER + 3], values[_SQUARES + 3]
        turnover = paced(_TURNOVER, moved * moved / squares * to_year) if squares > _LEAST else None
    if risk.own_transactions + risk.channel_uses >= ranges.least_events:
        product_use = paced(_PRODUCT_USES, values[_PRODUCT_USES + 3] * to_year / burst)
    money = money_on(risk.accounts, sums.as_of)
    if money is not None and money.year > _LEAST:
        spread = sqrt((ranges.balance_varies * money.year) ** 2 + (ranges.income_share * income) ** 2)
        of_late = max(money.month, float(money.standing))
        balance = Measure(of_late, money.year, spread, ranges.deviations * spread)
    return Normal(
        sums.as_of, first + ranges.least_history, transactions, turnover, balance,
        _feedback(risk, ranges, tenure), product_use, float(money.standing) if money else 0.0,
    )  # fmt: skip


def _burst(risk: Risk) -> float:
    """Mean square over mean of how much is done at once: of geometric bursts of mean n it is 2n - 1.

    How many bursts there are follows from how many days have none: of independent ones a share exp(-bursts a day).
    """
    if risk.active_days is None:
        return 1.0
    days, active = risk.active_days.bits.bit_length(), risk.active_days.bits.bit_count()
    bursts = -log(1.0 - min(active / days, 1.0 - 0.5 / days)) * days
    return max(2.0 * (risk.own_transactions + risk.channel_uses) / bursts - 1.0, 1.0)


def _feedback(risk: Risk, ranges: NormalRanges, tenure: float) -> Measure:
    """Usual is the pace of what lies back; of today's complaint nothing is in it, so the first one stands out."""
    if risk.without_feedback:
        return Measure(0.0, 0.0, ranges.usual_negatives / ranges.deviations, ranges.usual_negatives)
    quarter, year = risk.sums.values[_NEGATIVES + 2], risk.sums.values[_NEGATIVES + 3]
    usual = 0.0
    if year > 0.0 and tenure * DAY >= ranges.least_history:
        built = (YEAR * (1.0 - exp2(-tenure / YEAR)) - QUARTER * (1.0 - exp2(-tenure / QUARTER))) / _OLDER
        usual = max(year - quarter, 0.0) * QUARTER / (_OLDER * built)
    spread = sqrt(usual / 2.0 + (ranges.usual_negatives / ranges.deviations) ** 2)
    return Measure(quarter, usual, spread, ranges.deviations * spread)


_OWN, _INFLOW, _NEGATIVES = PLACE["own"], PLACE["inflow"], PLACE["negatives"]
_TURNOVER, _SQUARES = PLACE["turnover"], PLACE["turnover_squares"]
_PRODUCT_USES = PLACE["product_uses"]
