"""The month's average daily assets, held against a ledger that keeps every day."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from scoring.standing.domain.assets import (
    Movements,
    Valuation,
    average_valuation,
    beginning_of,
    days_in,
    first_day_of,
    month_of,
    valued,
)

ORIGIN = date(2024, 1, 1)
postings = st.lists(
    st.tuples(st.integers(0, 150).map(lambda n: ORIGIN + timedelta(days=n)), st.integers(-(10**9), 10**9)), max_size=40
)


def days_of(month: int) -> list[date]:
    return [first_day_of(month) + timedelta(days=n) for n in range(days_in(month))]


def moved(noted: list[tuple[date, int]]) -> Movements:
    movements = Movements()
    for day, signed in noted:
        movements = movements.add(day, signed)
    return movements


@given(postings, st.integers(-(10**9), 10**9), st.integers(0, 3))
def test_the_average_is_the_mean_of_the_balances_at_the_days_ends(
    noted: list[tuple[date, int]], opening: int, months_later: int
) -> None:
    latest = max((month_of(day) for day, _ in noted), default=month_of(ORIGIN))
    present = latest + months_later
    balance = opening + sum(signed for _, signed in noted)
    ends = [opening + sum(signed for day, signed in noted if day <= end) for end in days_of(present - 1)]
    average = moved(noted).average_before(present, balance)
    assert abs(average - sum(ends) / len(ends)) <= 1e-9 * max(sum(abs(signed) for _, signed in noted), 1) + 1e-3


@given(postings, st.randoms())
def test_postings_in_any_order_give_the_same(noted: list[tuple[date, int]], random: object) -> None:
    shuffled = list(noted)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert moved(shuffled) == moved(noted)


@given(postings, postings)
def test_what_is_taken_back_changes_no_average_of_a_month_it_lies_in_or_before(
    noted: list[tuple[date, int]], wrong: list[tuple[date, int]]
) -> None:
    present = max((month_of(day) for day, _ in noted + wrong), default=month_of(ORIGIN))
    balance = sum(signed for _, signed in noted)
    undone = noted + wrong + [(day, -signed) for day, signed in wrong]
    assert moved(undone).average_before(present, balance) == moved(noted).average_before(present, balance)


valuations = st.lists(
    st.tuples(st.integers(0, 150), st.integers(0, 10**9)), max_size=12, unique_by=lambda one: one[0]
).map(
    lambda found: [
        Valuation(ORIGIN.toordinal() + day, revision, minor) for revision, (day, minor) in enumerate(sorted(found), 1)
    ]
)


@given(valuations, st.randoms(), st.integers(0, 1))
def test_holdings_count_from_their_day_until_the_next_in_any_order_of_arrival(
    told: list[Valuation], random: object, months_back: int
) -> None:
    shuffled = list(told)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    known: tuple[Valuation, ...] = ()
    for one in [*shuffled, *shuffled[:3]]:
        known = tuple(valued(known, one))
    month = month_of(date.fromordinal(told[-1].day) if told else ORIGIN) - months_back
    ends = []
    for end in days_of(month):
        earlier = [one.minor for one in told if one.day <= end.toordinal()]
        ends.append(earlier[-1] if earlier else 0)
    assert abs(average_valuation(known, month) - sum(ends) / len(ends)) < 1e-3


@given(valuations)
def test_no_more_than_two_months_of_valuations_are_kept(told: list[Valuation]) -> None:
    known: tuple[Valuation, ...] = ()
    for one in told:
        known = tuple(valued(known, one))
    if known:
        begins = first_day_of(month_of(date.fromordinal(known[-1].day)) - 1).toordinal()
        assert sum(one.day < begins for one in known) <= 1


def test_a_month_begins_at_midnight_of_the_banks_calendar() -> None:
    began = beginning_of(month_of(date(2025, 3, 1)), ZoneInfo("Asia/Shanghai"))
    assert began.isoformat() == "2025-02-28T16:00:00+00:00"
