"""Contribution is the integral of what stands, the fees of what moves and the cost of serving, in one year only."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fit_scorecard.contribution import RATES, Contribution
from rapport.events.bank import AccountChanged, HoldingChanged, ReversedTransaction, TransactionRecorded
from tests.scoring.facts import holdings, moment_of, transaction

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
DAY = timedelta(days=1)


def account(balance: str, at: datetime = BEGIN - DAY, **fields: Any) -> AccountChanged:
    given = {
        "account_id": "a-c-1",
        "customer_id": "c-1",
        "type": "current",
        "status": "open",
        "opened_on": at.date(),
        "balance": balance,
        "currency": "CNY",
        "as_of": at,
    }
    return AccountChanged.model_validate(given | fields)


def contributed(*facts: Any, until: datetime = BEGIN + YEAR) -> float:
    contribution = Contribution(BEGIN)
    for fact in facts:
        contribution.note(fact, moment_of(fact))
    return contribution.by(until)


def test_a_balance_that_stands_for_a_year_earns_its_margin_less_the_account() -> None:
    assert contributed(account("10000.00")) == pytest.approx(10_000 * RATES.balances["current"] - RATES.account)
    saved = contributed(account("10000.00", type="savings"))
    assert saved == pytest.approx(10_000 * RATES.balances["savings"] - RATES.account)


def test_what_was_earned_before_the_year_does_not_count() -> None:
    early = transaction(BEGIN - DAY, amount="5000.00", balance_after="0.00")
    assert contributed(account("900000.00", BEGIN - 300 * DAY), early) == pytest.approx(-RATES.account)


def test_a_closed_account_earns_and_costs_nothing_more() -> None:
    half = BEGIN + YEAR / 2
    closed = account("0.00", half, status="closed", closed_on=half.date())
    whole = 10_000 * RATES.balances["current"] - RATES.account
    assert contributed(account("10000.00"), closed) == pytest.approx(whole / 2)


def test_an_overdrawn_balance_costs_and_its_penalty_interest_is_earned_less_the_work() -> None:
    assert contributed(account("-1000.00")) == pytest.approx(RATES.overdrawn * 1000 - RATES.account)
    penalty = transaction(BEGIN + DAY, amount="15.00", kind="penalty-interest", initiator="automatic")
    kept = 15.00 * RATES.turnover["penalty-interest"]
    assert contributed(penalty) == pytest.approx(kept - RATES.items["penalty-interest"])


def test_turnover_earns_its_fees_and_holdings_their_margin_while_they_are_held() -> None:
    assert contributed(transaction(BEGIN + DAY, amount="2000.00")) == pytest.approx(
        2000 * RATES.turnover["card-purchase"]
    )
    held, sold = holdings(1, "50000.00", at=BEGIN), holdings(2, at=BEGIN + YEAR / 4)
    assert contributed(held, sold) == pytest.approx(50_000 * RATES.holdings["wealth"] / 4)


def test_a_fee_is_given_back_with_the_posting_and_the_work_is_done_twice() -> None:
    paid_in = transaction(BEGIN + DAY, amount="2000.00", kind="cash-deposit", direction="credit")
    bought = transaction(BEGIN + DAY, amount="2000.00")
    both = [
        one.model_copy(update={"direction": "debit", "reverses": taken_back(one), "occurred_at": BEGIN + 2 * DAY})
        for one in (paid_in, bought)
    ]
    assert contributed(bought, both[1]) == pytest.approx(0)
    assert contributed(paid_in, both[0]) == pytest.approx(-2 * RATES.items["cash-deposit"])


def taken_back(posting: TransactionRecorded) -> ReversedTransaction:
    return ReversedTransaction(
        transaction_no=posting.transaction_no, amount=posting.amount, occurred_at=posting.occurred_at
    )


def loan(revision: int, amount: str, loan_class: str, at: datetime) -> HoldingChanged:
    return holdings(revision, amount, at=at, kind="loan", loan_class=loan_class)


def test_a_loan_that_goes_bad_stops_earning_and_costs_what_its_allowance_grows_by() -> None:
    granted, half = loan(1, "100000.00", "normal", BEGIN - DAY), BEGIN + YEAR / 2
    margin = 100_000 * RATES.holdings["loan"]
    assert contributed(granted) == pytest.approx(margin)
    late = loan(2, "100000.00", "special-mention", half)
    assert contributed(granted, late) == pytest.approx(margin - 100_000 * (0.02 - 0.01))
    bad = loan(2, "100000.00", "substandard", half)
    assert contributed(granted, bad) == pytest.approx(margin / 2 - 100_000 * (0.25 - 0.01))


def test_an_allowance_comes_back_when_the_loan_is_repaid_but_never_when_it_is_written_off() -> None:
    doubtful, half = loan(1, "100000.00", "doubtful", BEGIN - DAY), BEGIN + YEAR / 2
    assert contributed(doubtful, holdings(2, at=half)) == pytest.approx(50_000)
    lost, written_off = loan(2, "100000.00", "loss", half), loan(3, "0.00", "loss", half + DAY)
    assert contributed(doubtful, lost) == contributed(doubtful, lost, written_off) == pytest.approx(-50_000)


@given(st.lists(st.tuples(st.integers(0, 364), st.integers(-5_000, 90_000)), max_size=12))
def test_the_year_is_the_sum_of_its_days(moves: list[tuple[int, int]]) -> None:
    moves.sort()
    facts = [
        transaction(BEGIN + day * DAY, kind="salary", direction="credit", balance_after=f"{balance}.00")
        for day, balance in moves
    ]
    by_day = []
    for day in range(365):
        standing = [balance for since, balance in moves if since <= day]
        balance = standing[-1] if standing else 1_000
        rate = RATES.balances["current"] if balance >= 0 else -RATES.overdrawn
        by_day.append((balance * rate - RATES.account) / 365)
    assert contributed(account("1000.00"), *facts) == pytest.approx(sum(by_day), abs=1e-6)
