"""The lifetime value gets points only where it ranks customers better by what was asked for beforehand."""

import numpy as np

from fit_scorecard.banks import Observed
from fit_scorecard.choosing import DEAR, LEAST_GAIN, chosen
from fit_scorecard.documents import fitted_on
from fit_scorecard.lifetime import NOT_FITTED
from scoring.scorecard.domain import Values
from simulator.bank import Plan

CUSTOMERS = 1000


def bank(seed: int, worth_of_value: float) -> Observed:
    """Customers who contribute by their balance and, so far, by a value that is tied to it but not the same."""
    draw = np.random.default_rng(seed)
    balance = draw.lognormal(12.0, 1.0, CUSTOMERS)
    value = balance**0.5 * draw.lognormal(6.0, 0.7, CUSTOMERS)
    values = np.full((CUSTOMERS, len(Values._fields)), np.nan)
    values[:, Values._fields.index("average_balance")] = balance
    values[:, Values._fields.index(DEAR)] = value
    noise = draw.lognormal(0.0, 0.5, CUSTOMERS)
    contribution = balance * (value / np.median(value)) ** worth_of_value * noise
    return Observed(Plan(seed=seed, customers=CUSTOMERS, months=24), values, contribution, values, values, NOT_FITTED)


def test_a_value_that_ranks_customers_better_on_every_bank_is_kept() -> None:
    fitted = chosen(bank(1, 1.0), [bank(2, 1.0), bank(3, 1.0)])
    assert DEAR in fitted.features and DEAR not in fitted.dropped
    assert fitted == fitted_on(bank(1, 1.0))


def test_a_value_that_gains_too_little_on_one_of_them_is_left_out_and_the_reason_says_how_much_on_each() -> None:
    assert DEAR in fitted_on(bank(1, 1.0)).features, "else the fit itself drops it"
    fitted = chosen(bank(1, 1.0), [bank(2, 1.0), bank(3, 0.0)])
    assert DEAR not in fitted.features
    assert fitted.features == fitted_on(bank(1, 1.0), without=DEAR).features
    assert f"has to add {LEAST_GAIN}" in fitted.dropped[DEAR]
    assert "on bank 2, " in fitted.dropped[DEAR] and "on bank 3" in fitted.dropped[DEAR]


def test_where_nothing_else_was_looked_at_it_is_left_out_too() -> None:
    assert "nothing that was looked at" in chosen(bank(1, 1.0), []).dropped[DEAR]
