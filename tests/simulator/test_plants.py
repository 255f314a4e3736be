"""Something abnormal is done by who is planted, as the truth file says, and by nobody where it was not asked for."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import pytest

from simulator.bank import Bank, Plan
from simulator.bank.plan import BANK_ZONE
from simulator.bank.plants import PLANTS
from simulator.truth import read_planted, write_planted
from simulator.wire import Record

PLAN = Plan(seed=31, customers=300, months=6, abnormal=0.4)


@pytest.fixture(scope="module")
def bank() -> Bank:
    return Bank(PLAN)


def postings(records: Iterable[Record]) -> dict[str, list[dict[str, str]]]:
    found: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for record in records:
        if record.topic == "transaction-recorded" and b'"transaction_no"' in record.value:
            fact = json.loads(record.value)
            found[fact["customer_id"]].append(fact)
    return found


def said(fact: dict[str, str]) -> tuple[datetime, float, str]:
    return datetime.fromisoformat(fact["occurred_at"]).astimezone(BANK_ZONE), float(fact["amount"]), fact["kind"]


def test_every_form_is_planted_on_about_the_share_that_was_asked_for(bank: Bank) -> None:
    planted = bank.planted()
    assert {one.kind for one in planted} == set(PLANTS)
    assert 0.25 < len(planted) / PLAN.customers < 0.4
    assert Bank(Plan(seed=31, customers=300, months=6)).planted() == []


def test_who_is_planted_does_what_the_truth_says_on_its_days_and_who_is_not_lives_as_before(bank: Bank) -> None:
    told = postings(bank.records())
    before = postings(Bank(Plan(seed=31, customers=300, months=6)).records())
    planted = {one.customer_id: one for one in bank.planted()}
    assert all(told[customer] == before[customer] for customer in told.keys() - planted.keys())
    for customer_id, one in planted.items():
        more = [said(fact) for fact in told[customer_id]]
        for fact in before[customer_id]:
            if said(fact) in more:
                more.remove(said(fact))
        days = {fact[0].date() for fact in more if one.first <= fact[0].date() <= one.last}
        assert {one.first, one.last} <= days
        if one.kind == "large-cash":
            assert sum(amount for _, amount, kind in more if kind == "cash-deposit") > 50_000
        if one.kind == "structured-cash":
            assert sum(40_000 <= amount < 50_000 for _, amount, kind in more if kind == "cash-deposit") >= 3


def test_the_truth_file_is_read_as_it_was_written(bank: Bank, tmp_path: Path) -> None:
    write_planted(tmp_path / "abnormal.csv", bank.planted())
    assert read_planted(tmp_path / "abnormal.csv") == bank.planted()


def test_a_share_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="abnormal"):
        Plan(abnormal=1.5)
