"""A bank sets its books right: few postings are taken back, whole and once; few are booked late and dated back."""

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from rapport.events.bank import TransactionRecorded
from simulator.bank import Bank, Plan
from simulator.wire import moment

PLAN = Plan(seed=21, customers=150, months=8)
DAY = timedelta(days=1)


class Told(NamedTuple):
    """A posting and when the bank told it."""

    at: datetime
    posting: TransactionRecorded


@pytest.fixture(scope="module")
def told() -> list[Told]:
    records = (record for record in Bank(PLAN).records() if record.topic == TransactionRecorded.name)
    return [
        Told(moment(record.time_ms), TransactionRecorded.model_validate(json.loads(record.value)))
        for record in records
        if b'"customer_id"' in record.value
    ]


def test_a_few_in_a_thousand_are_taken_back_and_as_many_dated_back(told: list[Told]) -> None:
    taken_back = sum(posting.reverses is not None for _, posting in told)
    dated_back = sum(posting.occurred_at < at for at, posting in told)
    assert 0.002 < taken_back / len(told) < 0.005
    assert 0.002 < dated_back / len(told) < 0.005


def test_a_reversal_says_all_of_what_it_takes_back_once_and_books_the_opposite(told: list[Told]) -> None:
    booked: dict[str, Told] = {}
    taken: Counter[str] = Counter()
    for at, posting in told:
        booked[posting.transaction_no] = Told(at, posting)
        if posting.reverses is None:
            continue
        first = booked[posting.reverses.transaction_no]
        taken[posting.reverses.transaction_no] += 1
        assert said(posting.reverses) == said(first.posting)
        same = {"account_id", "kind", "initiator", "channel", "amount", "currency"}
        assert posting.model_dump(include=same) == first.posting.model_dump(include=same)
        assert {posting.direction, first.posting.direction} == {"credit", "debit"}
        assert first.posting.reverses is None
        assert timedelta(0) < at - first.at < 6 * DAY
    assert len(taken) > 30 and max(taken.values()) == 1


def said(of: Any) -> tuple[str, str, datetime, str | None]:
    return of.transaction_no, of.amount, of.occurred_at, of.balance_after


def test_what_is_dated_back_lies_a_day_to_four_before_and_never_before_its_accounts_first_posting(
    told: list[Told],
) -> None:
    first: dict[str, datetime] = {}
    for at, posting in told:
        began = first.setdefault(posting.account_id, at)
        if posting.occurred_at != at:
            assert DAY <= at - posting.occurred_at <= 4 * DAY
            assert posting.occurred_at > began
            assert posting.reverses is None


def test_with_its_reversal_a_posting_comes_to_nothing(told: list[Told]) -> None:
    """All that moved on an account is what was not taken back, to the cent."""
    moved: Counter[str] = Counter()
    for _, posting in told:
        signed = posting.minor if posting.direction == "credit" else -posting.minor
        moved[posting.account_id] += signed
    undone = {posting.reverses.transaction_no for _, posting in told if posting.reverses}
    kept: Counter[str] = Counter()
    for _, posting in told:
        if posting.reverses is None and posting.transaction_no not in undone:
            kept[posting.account_id] += posting.minor if posting.direction == "credit" else -posting.minor
    assert {key: value for key, value in moved.items() if value} == {key: value for key, value in kept.items() if value}
