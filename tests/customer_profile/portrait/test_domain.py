"""Months of postings depend on the set of postings alone: any order, and as if what was reversed had never been."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from customer_profile.portrait.domain import Entry, Month, add_up, month_of
from customer_profile.portrait.facts import posting_of
from rapport.events.bank import TransactionRecorded
from tests.customer_profile.portrait.others import reversal, transaction

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 1, 31, 15, tzinfo=UTC)
LATER = START + timedelta(days=400)
POSTINGS = st.lists(
    st.builds(
        lambda **fields: fields,
        occurred_at=st.integers(0, 100 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
        direction=st.sampled_from(["credit", "debit"]),
        kind=st.sampled_from(["salary", "transfer"]),
        amount=st.integers(1, 10**6).map(lambda minor: f"{minor // 100}.{minor % 100:02d}"),
        currency=st.sampled_from(["CNY", "USD"]),
        customer_id=st.sampled_from(["c-1", "c-2"]),
    ),
    max_size=30,
)


def folded(told: list[TransactionRecorded], size: int) -> dict[tuple[str, date], dict[Entry, tuple[int, int]]]:
    known: dict[tuple[str, date], Month] = {}
    for begin in range(0, len(told), size):
        batch = [(posting_of(one), one.occurred_at) for one in told[begin : begin + size]]
        known |= {(one.customer_id, one.month): one for one in add_up(known, batch, SHANGHAI, LATER)}
    return {place: month.entries for place, month in known.items() if month.entries}


@given(POSTINGS, st.sets(st.integers(0, 29)), st.integers(1, 40), st.randoms(use_true_random=False))
def test_any_order_and_batches_count_what_is_left_after_reversals(
    drawn: list[dict[str, Any]], reversed_ones: set[int], size: int, draw: Any
) -> None:
    told = [transaction(transaction_no=f"T-{n}", **fields) for n, fields in enumerate(drawn)]
    taken = [n for n in reversed_ones if n < len(told)]
    words = told + [reversal(told[n], f"R-{n}", occurred_at=told[n].occurred_at + timedelta(days=40)) for n in taken]
    draw.shuffle(words)
    expected: defaultdict[tuple[str, date], Counter[tuple[Entry, str]]] = defaultdict(Counter)
    for n, fields in enumerate(drawn):
        if n not in taken:
            local = (fields["occurred_at"] + timedelta(hours=8)).date()
            entry = Entry(fields["currency"], fields["direction"], fields["kind"])
            sums = expected[fields["customer_id"], date(local.year, local.month, 1)]
            sums[entry, "count"] += 1
            sums[entry, "minor"] += int(fields["amount"].replace(".", ""))
    assert folded(words, size) == {
        place: {entry: (sums[entry, "count"], sums[entry, "minor"]) for entry, _ in sums}
        for place, sums in expected.items()
    }


@given(POSTINGS, st.sets(st.integers(0, 29)), st.integers(1, 9), st.lists(st.integers(0, 100), min_size=2, max_size=40))
def test_as_of_any_moment_since_a_month_counts_what_had_come_by_it_whenever_it_was_told(
    drawn: list[dict[str, Any]], reversed_ones: set[int], size: int, days: list[int]
) -> None:
    """Postings and reversals alike may be told before the day of what they count or take back."""
    told = [transaction(transaction_no=f"T-{n}", **fields) for n, fields in enumerate(drawn)]
    told += [reversal(told[n], f"R-{n}", occurred_at=START) for n in reversed_ones if n < len(told)]
    *moments, until = (START + timedelta(days=day) for day in sorted(days))
    known: dict[tuple[str, date], Month] = {}
    for place, begin in enumerate(range(0, len(told), size)):
        batch = [(posting_of(one), one.occurred_at) for one in told[begin : begin + size]]
        now = moments[min(place, len(moments) - 1)]
        known |= {(one.customer_id, one.month): one for one in add_up(known, batch, SHANGHAI, now)}
    come = [posting for one in told if (posting := posting_of(one)).occurred_at <= until]
    expected: defaultdict[tuple[str, date], Counter[tuple[Entry, str]]] = defaultdict(Counter)
    for one in come:
        sums = expected[one.customer_id, month_of(one.occurred_at, SHANGHAI)]
        sums[one.entry, "count"] += one.sign
        sums[one.entry, "minor"] += one.sign * one.minor
    shown = {place: month.come_by(until).entries for place, month in known.items()}
    assert {place: entries for place, entries in shown.items() if entries} == {
        place: entries
        for place, sums in expected.items()
        if (
            entries := {
                entry: both for entry, _ in sums if (both := (sums[entry, "count"], sums[entry, "minor"])) != (0, 0)
            }
        )
    }
    whole = {place: month.come_by(LATER).entries for place, month in known.items()}
    assert {place: entries for place, entries in whole.items() if entries} == folded(told, size)


def test_a_month_begins_at_midnight_of_the_banks_own_calendar() -> None:
    last = datetime(2026, 2, 28, 15, 59, tzinfo=UTC)
    assert month_of(last, SHANGHAI) == date(2026, 2, 1)
    assert month_of(last + timedelta(minutes=1), SHANGHAI) == date(2026, 3, 1)
