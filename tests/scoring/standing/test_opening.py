"""What an account held before the first posting known of it: learned once, from whatever comes first in the end."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from scoring.standing.domain.opening import FirstDay, Posting, learn_opening, opening_of
from tests.scoring.standing.test_state import DAY, NOON, posting

HOUR = timedelta(hours=1)
bookings = st.builds(
    lambda hours, minor, is_credit, after: posting(
        NOON + hours * HOUR, minor, is_credit=is_credit, balance_after=after
    ),
    st.integers(0, 60),
    st.integers(0, 50),
    st.booleans(),
    st.one_of(st.none(), st.none(), st.integers(-50, 50)),
)


def learned(events: list[Posting]) -> tuple[dict[str, FirstDay], int]:
    days: dict[str, FirstDay] = {}
    return days, sum(learn_opening(days, event) for event in events)


@given(st.lists(bookings, max_size=60), st.randoms(use_true_random=False))
def test_any_order_teaches_the_same(events: list[Posting], random: object) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert learned(events) == learned(shuffled)
    days, opening = learned(events)
    assert opening == sum(opening_of(day) for day in days.values())
    assert all(len(day) <= 32 for day in days.values())


@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 50), st.booleans()), min_size=1, max_size=20),
    st.integers(0, 99),
)
def test_a_bank_that_reports_every_balance_teaches_what_was_there(
    steps: list[tuple[int, int, bool]], opening: int
) -> None:
    at, balance, events = NOON, opening, []
    for hours, minor, is_credit in steps:
        at += hours * HOUR
        balance += minor if is_credit else -minor
        events.append(posting(at, minor, is_credit=is_credit, balance_after=balance))
    assert learned(events[::-1])[1] == opening


def test_a_bank_that_reports_only_what_closes_a_day_teaches_it_too() -> None:
    day = [posting(minor=700, is_credit=True), posting(minor=200), posting(minor=50, balance_after=1450)]
    next_day = posting(NOON + DAY, 400, balance_after=1050)
    assert learned([next_day, *day])[1] == learned([*day, next_day])[1] == 1000


def test_a_bank_that_reports_nothing_on_the_first_day_teaches_zero_and_is_not_kept_for_ever() -> None:
    events = [posting(NOON + timedelta(minutes=n), 10) for n in range(1000)]
    days, opening = learned([*events, posting(NOON + 2 * DAY, balance_after=77)])
    assert (opening, len(days["a-1"])) == (0, 32)
