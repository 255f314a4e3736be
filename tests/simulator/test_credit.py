"""Some customers pay badly, as in a bank: loans change class step by step, and the weak overdraw and fall behind."""

import json
from collections import Counter, defaultdict
from itertools import pairwise
from random import Random
from statistics import mean
from typing import Any, get_args

import pytest

from rapport.events.bank import LoanClass
from simulator.bank import Bank, Plan
from simulator.bank.credit import first_class, is_strained, next_class, weakness
from simulator.bank.holdings import Holdings
from simulator.bank.population import make_customer
from simulator.bank.shelf import Shelf
from simulator.bank.writing import Pen
from simulator.wire import Wire

PLAN = Plan(seed=21, customers=600, months=10, decliners=0.0)
CLASSES: tuple[LoanClass, ...] = get_args(LoanClass)
NON_PERFORMING = CLASSES[2:]
Facts = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def told() -> Facts:
    """What is told of each customer, in order, each with the name of its topic."""
    facts: Facts = defaultdict(list)
    for record in Bank(PLAN).records():
        if b'"customer_id"' in record.value:
            facts[(record.key or b"").decode()].append(json.loads(record.value) | {"topic": record.topic})
    return facts


@pytest.fixture(scope="module")
def weak() -> dict[str, float]:
    """Each customer's weakness, which no record tells."""
    customers = (make_customer(PLAN, Shelf(PLAN.seed, PLAN.customers), Pen(Wire()), n) for n in range(PLAN.customers))
    return {customer.life.customer_id: customer.life.weakness for customer in customers}


def loans(facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was told of a customer's loan, while it was there."""
    held = [held for fact in facts if fact["topic"] == "holding-changed" for held in fact["holdings"]]
    return [one for one in held if one["kind"] == "loan" and one["status"] == "active"]


def test_a_book_of_loans_has_the_shares_of_classes_that_chinese_retail_banks_report() -> None:
    rng = Random(4)
    book = Counter(first_class(rng, weakness(rng)) for _ in range(20_000))
    assert 0.02 < book["special-mention"] / book.total() < 0.03
    assert 0.015 < sum(book[one] for one in NON_PERFORMING) / book.total() < 0.021
    assert all(book[one] > 0 for one in CLASSES)


def test_weakness_is_about_one_on_average_and_one_in_twelve_is_strained() -> None:
    rng = Random(4)
    drawn = [weakness(rng) for _ in range(40_000)]
    assert mean(drawn) == pytest.approx(0.95, abs=0.1)
    assert mean(map(is_strained, drawn)) == pytest.approx(1 / 12, abs=0.01)


def test_a_loan_changes_by_one_class_at_a_time_and_only_a_loss_is_written_off() -> None:
    rng = Random(4)
    for now in CLASSES:
        found = {next_class(rng, 5.0, now) for _ in range(5_000)}
        place = CLASSES.index(now)
        assert found <= {*CLASSES[max(0, place - 1) : place + 2], None}
        assert (None in found) == (now == "loss")
        assert len(found) > 1


def test_about_three_in_ten_customers_have_a_loan_and_nothing_else_they_hold_has_a_class(told: Facts) -> None:
    assert 0.24 < mean(bool(loans(facts)) for facts in told.values()) < 0.36
    for facts in told.values():
        for held in (held for fact in facts for held in fact.get("holdings", ())):
            assert ("loan_class" in held) == (held["kind"] == "loan")


def test_a_written_off_loan_stays_as_a_loss_of_which_nothing_is_owed() -> None:
    held = Holdings({"LN-HOME": 50_000, "FD-BOND": 70_000}, loan_class="loss")
    held.review(None)
    fund, loan = held.event("c-1", 0).holdings
    assert (loan.product, loan.amount, loan.loan_class, loan.status) == ("LN-HOME", "0.00", "loss", "active")
    assert (fund.amount, fund.loan_class) == ("700.00", None)
    assert held.loan is None and held.repaid is None


def test_a_loan_changes_step_by_step_and_is_not_repaid_while_in_arrears(told: Facts) -> None:
    changes: Counter[str] = Counter()
    for before, after in (pair for facts in told.values() for pair in pairwise(loans(facts))):
        step = CLASSES.index(after["loan_class"]) - CLASSES.index(before["loan_class"])
        owed = float(after["amount"]) - float(before["amount"])
        changes["class"] += step != 0
        changes["repaid"] += owed < 0 and before["loan_class"] == "normal"
        assert abs(step) <= 1
        is_written_off = before["loan_class"] == "loss" and after["amount"] == "0.00"
        assert owed == 0 or before["loan_class"] == "normal" or is_written_off
    assert changes["class"] >= 10 and changes["repaid"] >= 500


def test_the_strained_overdraw_and_fall_behind_more_often_than_the_others(told: Facts, weak: dict[str, float]) -> None:
    strained = [key for key in told if is_strained(weak[key])]
    others = [key for key in told if not is_strained(weak[key])]

    def share(keys: list[str], kind: str) -> float:
        return mean(any(fact.get("kind") == kind for fact in told[key]) for key in keys)

    def behind(keys: list[str]) -> float:
        borrowers = [loans(told[key]) for key in keys if loans(told[key])]
        return mean(any(one["loan_class"] != "normal" for one in found) for found in borrowers)

    assert share(strained, "penalty-interest") > 0.2
    assert share(others, "penalty-interest") < 0.05
    assert behind(strained) > 3 * behind(others) > 0
