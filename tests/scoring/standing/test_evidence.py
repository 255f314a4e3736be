"""What can be said of a customer, and the points that follow: exact, finite, and never more than was known."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from math import isfinite, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.exchange_rate.domain import NO_RATES
from scoring.scorecard.domain import Feature, Values
from scoring.standing.domain.assets import Valuation
from scoring.standing.domain.evidence import evidence_of, points_by_dimension, reasons_in, values_of
from scoring.standing.domain.holdings import Holdings, ProductsOfKind
from scoring.standing.domain.state import Posting, Standing, fold_holdings, fold_posting
from tests.scoring.rules import BALANCE, BANK, DAYS, OVERDRAFTS, PUBLISHED, card
from tests.scoring.standing.test_state import DAY, NOON, folded, posting, postings

NOTHING = Values(0.0, 0, 0.0, None, None, 0, 0, None, None, 0.0, 0.0)


def test_nothing_known_is_zero_or_unknown_and_never_an_error() -> None:
    assert values_of(Standing("c-1"), NOON, BANK, NO_RATES) == NOTHING


@given(st.lists(postings, max_size=25), st.integers(0, 20_000))
def test_values_and_points_are_finite_at_any_time(events: list[Posting], days: int) -> None:
    standing = Standing("c-1")
    for event in events:
        fold_posting(standing, event, BANK.zone)
    values = values_of(standing, NOON + timedelta(days=days), BANK, NO_RATES)
    assert all(value is None or isfinite(value) for value in values)
    published = PUBLISHED.cards.cards[0]
    assert published.points_of(values) == sum(item.points for item in evidence_of(published, values))


@given(st.lists(postings, min_size=1, max_size=15), st.integers(0, 4000))
def test_values_are_read_at_the_half_lives_their_names_say(events: list[Posting], days: int) -> None:
    standing = folded(*events)
    at = max(event.reversed_at or event.occurred_at for event in events) + timedelta(days=days)
    inflow, outflow, own, penalties, overdrafts = standing.sums.read(at)
    values = values_of(standing, at, BANK, NO_RATES)
    balance = standing.opening_minor + standing.credits_minor - standing.debits_minor
    assert values.average_balance == balance - (inflow.quarter - outflow.quarter)
    assert values.turnover == pytest.approx(30 * log(2) / 90 * (inflow.quarter + outflow.quarter))
    assert (values.penalty_interest, values.overdrafts) == (penalties.year, overdrafts.year)
    if own.quarter > 1e-9 and standing.active_days and standing.active_days.bits:
        assert values.activity_week == pytest.approx((own.week / 7) / (own.quarter / 90))
        assert values.activity_month == pytest.approx((own.month / 30) / (own.quarter / 90))


def test_a_months_assets_are_balances_and_products_of_its_own_money_without_loans() -> None:
    first = datetime(2025, 3, 1, 2, tzinfo=UTC)
    standing = folded(
        posting(first, 100_000, is_credit=True),
        posting(first + 10 * DAY, 31_000, is_credit=True),
        posting(first + 40 * DAY, 5_000),
    )
    held = {"wealth": ProductsOfKind(1, 62_000), "loan": ProductsOfKind(1, 900_000)}
    fold_holdings(standing, Holdings(held, 1, None, 2, (Valuation((first + 20 * DAY).date().toordinal(), 1, 62_000),)))
    values = values_of(standing, first + 45 * DAY, BANK, NO_RATES)
    assert values.monthly_assets == pytest.approx(100_000 + 31_000 * 21 / 31 + 62_000 * 11 / 31)
    assert values.loan_class == 2


def test_a_steady_customer_has_ratios_near_one_and_a_silent_one_falls_to_zero() -> None:
    standing = folded(*(posting(NOON + day * DAY) for day in range(1000)))
    last = NOON + 999 * DAY
    steady = values_of(standing, last, BANK, NO_RATES)
    assert steady.activity_week == pytest.approx(1.0, abs=0.06)
    assert steady.activity_month == pytest.approx(1.0, abs=0.06)
    assert steady.active_days == 90
    assert steady.turnover == pytest.approx(300_000, rel=0.01)
    weeks = [values_of(standing, last + timedelta(weeks=week), BANK, NO_RATES) for week in range(30)]
    ratios = [week.activity_week or 0.0 for week in weeks]
    assert ratios == sorted(ratios, reverse=True)
    assert (weeks[29].active_days, ratios[29] < 1e-6) == (0, True)
    forgotten = values_of(standing, last + timedelta(days=20_000), BANK, NO_RATES)
    assert (forgotten.activity_week, forgotten.inflow_share) == (0.0, None)


def test_shares_and_trends_are_what_their_names_say() -> None:
    standing = folded(
        posting(NOON - 400 * DAY, 100_000, is_credit=True, balance_after=100_000),
        posting(NOON, 300_000, is_credit=True, balance_after=400_000),
        posting(NOON, 100_000, balance_after=300_000),
    )
    values = values_of(standing, NOON, BANK, NO_RATES)
    kept = 2 ** (-400 / 90)
    assert values.inflow_share == pytest.approx((100_000 * kept + 300_000) / (100_000 * kept + 400_000))
    assert values.balance_trend == pytest.approx(1.0, abs=0.1)
    later = values_of(standing, NOON + 40 * DAY, BANK, NO_RATES)
    assert later.balance_trend is not None
    assert later.balance_trend > 1.2


def test_investments_are_the_customers_own_money_and_products_are_all_that_are_active() -> None:
    held = {"wealth": ProductsOfKind(2, 50_000), "loan": ProductsOfKind(1, 900_000), "card": ProductsOfKind(1, 0)}
    values = values_of(Standing("c-1", holdings=Holdings(held, 1, NOON)), NOON, BANK, NO_RATES)
    assert (values.investments, values.products) == (50_000, 4)


def test_a_posting_dated_after_the_reading_counts_as_of_its_own_time() -> None:
    standing = folded(posting(NOON + DAY))
    assert (
        values_of(standing, NOON, BANK, NO_RATES).turnover == values_of(standing, NOON + DAY, BANK, NO_RATES).turnover
    )


def test_evidence_names_value_bin_and_points_of_each_feature() -> None:
    values = NOTHING._replace(average_balance=250_000.0, active_days=12, overdrafts=2.0)
    balance, days, trend, overdrafts = evidence_of(card(), values)
    assert (balance.points, balance.lower_edge, balance.upper_edge) == (60, 100_000.0, 1_000_000.0)
    assert (days.points, days.lower_edge, days.upper_edge) == (10, 10.0, None)
    assert (trend.points, trend.value, trend.lower_edge, trend.upper_edge) == (2, None, None, None)
    assert (overdrafts.points, overdrafts.shortfall) == (0, 5.5)
    assert points_by_dimension([balance, days, trend, overdrafts]) == {
        "value": 60, "behaviour": 10, "potential": 2, "risk": 0
    }  # fmt: skip


def test_reasons_are_the_largest_shortfalls_from_the_typical_customer() -> None:
    evidence = evidence_of(card(), NOTHING._replace(overdrafts=2.0))
    assert [item.feature for item in reasons_in(evidence)] == [BALANCE, DAYS, OVERDRAFTS]
    fine = evidence_of(card(), NOTHING._replace(average_balance=2e6, active_days=50, balance_trend=1.5))
    assert reasons_in(fine) == []


@given(st.sampled_from(PUBLISHED.cards.cards[0].features), st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))
def test_more_of_a_feature_never_turns_its_points_the_other_way(feature: Feature, one: float, other: float) -> None:
    low, high = sorted([one, other])
    edges, points = feature.edges, feature.points
    lower, higher = points[bisect_right(edges, low)], points[bisect_right(edges, high)]
    assert lower <= higher if points[0] <= points[-1] else lower >= higher
