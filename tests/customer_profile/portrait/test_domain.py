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
        known |= {(one.customer_id, one.month): one for one in add_up(known, batch, SHANGHAI)}
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


def test_a_month_begins_at_midnight_of_the_banks_own_calendar() -> None:
    last = datetime(2026, 2, 28, 15, 59, tzinfo=UTC)
    assert month_of(last, SHANGHAI) == date(2026, 2, 1)
    assert month_of(last + timedelta(minutes=1), SHANGHAI) == date(2026, 3, 1)
