"""Some transactions begin a trace that the services' own reader takes for a sampled one."""

import pytest

from rapport.telemetry.traces import is_sampled
from simulator.bank import Bank, Plan
from simulator.tracing import traced
from simulator.wire import Record, header


@pytest.fixture(scope="module")
def plain() -> list[Record]:
    return list(Bank(Plan(seed=4, customers=40, months=2)).records())


def test_the_asked_share_of_the_transactions_begins_a_trace_of_its_own(plain: list[Record]) -> None:
    parents = [header(record, "traceparent") for record in traced(plain, 0.1)]
    begun = [parent.decode() for parent in parents if parent]
    transactions = sum(header(record, "ce_type") == b"transaction-recorded.v1" for record in plain)
    assert len(begun) == pytest.approx(0.1 * transactions, rel=0.3)
    assert len(set(begun)) == len(begun)
    assert all(is_sampled(parent) for parent in begun)


def test_a_trace_changes_nothing_else_and_is_the_same_each_time(plain: list[Record]) -> None:
    once = list(traced(plain, 0.5))
    assert once == list(traced(plain, 0.5))
    assert [record._replace(headers=record.headers[:9]) for record in once] == plain
    assert list(traced(plain, 0.0)) == plain
