"""What a customer is worth by a model: closed form, in money, the same one by one and many at once."""

from dataclasses import replace
from datetime import timedelta
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.behaviour.daily_counts import DailyCounts
from scoring.lifetime_value.domain.model import Activity, LifetimeModel, LifetimeModels
from tests.scoring.lifetime_value.banks import ACTIVITY, FITTED, NOW, SPEND, TODAY, ZONE, book_of, customers, every

MINUTE = timedelta(minutes=1)


def value(days: DailyCounts | None, minor: int) -> float | None:
    return FITTED.value_of(days, minor, NOW, ZONE)


@given(st.integers(1, 60), st.integers(1, 60))
def test_of_two_customers_as_old_and_as_lately_active_the_more_active_is_worth_more(fewer: int, more: int) -> None:
    first, last = TODAY - timedelta(days=200), TODAY
    found = []
    for between in (fewer, fewer + more):
        days = DailyCounts.on(first).add(last)
        for number in range(between):
            days = days.add(first + timedelta(days=1 + number))
        found.append(value(days, round(SPEND.population_mean) * days.days))
    assert found[0] is not None and found[1] is not None
    assert 0.0 < found[0] < found[1]


@given(st.integers(1, 400), st.integers(1, 10**12), st.integers(1, 10**12))
def test_more_money_on_the_same_days_is_worth_more(days: int, money: int, more: int) -> None:
    less_rich, richer = value(every(2, days), money), value(every(2, days), money + more)
    assert less_rich is not None and richer is not None
    assert 0.0 < less_rich < richer


@pytest.mark.parametrize("days", [1, 2, 500, 3000])
@pytest.mark.parametrize("silence", [0, 1, 90, 4000])
@pytest.mark.parametrize("step", [1, 7])
@pytest.mark.parametrize("b", [0.1, 30.0, 4107.0])
def test_a_value_is_a_number_however_long_somebody_was_active_or_silent(
    days: int, silence: int, step: int, b: float
) -> None:
    fitted = replace(FITTED, activity=replace(ACTIVITY, b=b))
    counts = every(step, days, last=TODAY - timedelta(days=silence))
    found = fitted.value_of(counts, 40_000 * days, NOW, ZONE)
    assert found is not None and isfinite(found) and found >= 0.0


@given(st.integers(1, 300))
def test_who_has_moved_no_money_is_worth_nothing_and_who_was_never_active_is_unknown(days: int) -> None:
    assert value(every(3, days), 0) == 0.0
    assert value(None, 0) is None
    assert value(DailyCounts.on(TODAY).take(TODAY).take(TODAY), 0) is None


def test_silence_alone_lowers_a_value() -> None:
    days = every(4, 40)
    found = [FITTED.value_of(days, 10**6, NOW + timedelta(weeks=week), ZONE) for week in range(30)]
    assert None not in found
    assert found == sorted(found, key=lambda one: -(one or 0.0))
    assert (found[-1] or 0.0) < 0.1 * (found[0] or 0.0)


def test_margin_and_calibration_are_factors_of_the_value() -> None:
    whole = replace(FITTED, terms=replace(FITTED.terms, margin=1.0, calibration=1.0))
    days = every(5, 30)
    found = whole.value_of(days, 10**6, NOW, ZONE)
    assert found is not None
    assert value(days, 10**6) == pytest.approx(0.001 * 0.97 * found)


def test_the_sum_of_the_book_is_that_of_its_customers_one_by_one() -> None:
    everybody = customers(400) | {"none": Activity(every(3, 20), 0), "debtor": Activity(every(9, 5), -500)}
    one_by_one = sum(FITTED.value_of(one.days, one.minor, NOW, ZONE) or 0.0 for one in everybody.values())
    book = book_of(everybody | {"nobody": Activity(DailyCounts(TODAY, 0), 0)})
    assert book.customers == len(everybody)
    assert book.value_by(FITTED) == pytest.approx(one_by_one, rel=1e-9)
    assert book_of({}).value_by(FITTED) == 0.0


def test_a_decision_is_made_by_the_model_of_its_moment_and_the_latest_is_shown() -> None:
    models = LifetimeModels()
    first, second = LifetimeModel(1, NOW, FITTED), LifetimeModel(2, NOW + 60 * MINUTE, FITTED)
    assert (models.latest, models.deciding_at(NOW)) == (None, None)
    models.take([first])
    models.take([first, second])
    assert models.latest is second
    decided = [models.deciding_at(NOW + minutes * MINUTE) for minutes in (0, 1, 60, 61)]
    assert decided == [None, first, first, second]
