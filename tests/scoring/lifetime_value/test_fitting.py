"""A model is fitted on the whole book, calibrated in a hold-out, and refused where the book does not determine it."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from rapport.behaviour.calibration import CalibrationRefused
from rapport.behaviour.daily_counts import DailyCounts
from rapport.behaviour.expectation import expected_activity
from rapport.behaviour.fit import FitRefused, fit_mbg_of_loyal
from rapport.behaviour.lifetime import MbgParameters
from scoring.lifetime_value.domain import fitting
from scoring.lifetime_value.domain.fitting import STEPS, Book, fit, terms_of
from scoring.lifetime_value.domain.model import Activity
from tests.scoring.lifetime_value.banks import ACTIVITY, NOW, SPEND, TODAY, ZONE, book_of, customers, every

TERMS = terms_of(0.001, 0.08)


def test_the_parameters_of_the_customers_are_recovered() -> None:
    steps: list[str] = []
    found = fit(book_of(customers(3000)), TERMS, steps.append)
    assert steps == list(STEPS)
    assert found.activity.r == pytest.approx(ACTIVITY.r, rel=0.15)
    # Several movements of a day count once, so the money of a day is above that of one, and the rate below.
    assert found.spend.population_mean == pytest.approx(SPEND.population_mean, rel=0.15)
    assert 1 / (1 + found.activity.b / found.activity.a) == pytest.approx(1 / (1 + ACTIVITY.b), rel=0.25)
    assert found.terms.calibration == pytest.approx(1.0, abs=0.1)
    assert abs(found.figures.correlation) < 0.2
    assert (found.figures.customers, found.figures.fitted_on, found.as_of) == (3000, 3000, NOW)


def test_the_calibration_is_what_came_after_the_cut_by_what_the_days_before_let_expect() -> None:
    everybody = customers(600)
    begins = TODAY - timedelta(days=90)
    cut = datetime.combine(begins, time.min, ZONE)
    histories, came = [], 0
    for one in everybody.values():
        active = [
            one.days.first + timedelta(days=n) for n in range(one.days.bits.bit_length()) if one.days.bits >> n & 1
        ]
        before = [day for day in active if day < begins]
        if before:
            known = DailyCounts.on(before[0])
            for day in before[1:]:
                known = known.add(day)
            history = known.history(cut, ZONE)
            assert history is not None
            histories.append(history)
            came += sum(begins <= day < TODAY for day in active)
    parameters = fit_mbg_of_loyal(histories).parameters
    expected = sum(expected_activity(parameters, history, 90.0) for history in histories)
    found = fit(book_of(everybody), TERMS)
    figures = found.figures
    assert (figures.held_out, figures.days_came) == (len(histories), came)
    assert figures.days_expected == pytest.approx(expected, rel=1e-6)
    assert found.terms == replace(TERMS, calibration=found.terms.calibration)
    assert found.terms.calibration == pytest.approx(came / expected, rel=1e-6)
    assert 0.0 < found.standard_error < 0.1


def test_customers_who_hardly_leave_have_a_held() -> None:
    loyal = MbgParameters(2.9, 60.0, 1.0, 2000.0)
    found = fit(book_of(customers(500, activity=loyal)), TERMS)
    assert found.figures.a_is_held
    assert found.activity.a == 1.0


def test_a_year_is_twelve_twelfths_and_a_years_discount_that_of_its_months() -> None:
    assert TERMS.periods * TERMS.period == pytest.approx(365.25)
    assert (1 + TERMS.discount) ** 12 == pytest.approx(1.08)


@pytest.mark.parametrize(
    ("everybody", "why"),
    [
        ({}, "nobody was active before the last 90 days"),
        ({f"c-{n}": Activity(every(1, 5), 100) for n in range(500)}, "nobody was active before the last 90 days"),
        (customers(20), "fewer than 30 customers came back"),
        ({f"c-{n}": Activity(every(7, 50), 100) for n in range(500)}, "bound|converge"),
        ({name: one._replace(minor=0) for name, one in customers(600).items()}, "customers spent anything"),
    ],
    ids=["nobody", "all new", "too few", "all alike", "no money"],
)
def test_a_book_that_determines_nothing_is_refused_with_the_reason(everybody: dict[str, Activity], why: str) -> None:
    with pytest.raises(FitRefused, match=why):
        fit(book_of(everybody), TERMS)


def test_a_bank_that_went_quiet_is_refused_by_its_calibration() -> None:
    everybody = {
        name: one._replace(days=one.days.before(TODAY - timedelta(days=90))) for name, one in customers(600).items()
    }
    with pytest.raises(CalibrationRefused, match="factor of 0"):
        fit(book_of(everybody), TERMS)


def test_a_large_book_is_fitted_on_a_sample_that_is_always_the_same() -> None:
    everybody = customers(300)
    books = [Book(3 * fitting._MOST_FITTED, NOW, ZONE) for _ in range(2)]
    for book, order in zip(books, (sorted(everybody), sorted(everybody, reverse=True)), strict=True):
        for name in order:
            book.add(name, everybody[name])
    assert {id(one) for one in books[0].sample} == {id(one) for one in books[1].sample}
    assert 60 < len(books[0].sample) < 140
    assert books[0].customers == 300
