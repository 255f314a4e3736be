"""A departure is found when silence has lasted, told to nobody before, and an alert is right about it or not."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from churn_alert.proof.documents import read_departure
from churn_alert.proof.domain.departure import Definition, Departure, departures, gone_after, silences
from rapport.behaviour.active_days import ActiveDays

FIRST = date(2025, 1, 1)
DEFINITION = Definition(silent_days=30, ahead_days=10, least_active_days=5, least_history_days=20)
PUBLISHED = read_departure().definition()


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def active_on(*numbers: int) -> ActiveDays:
    found = ActiveDays.on(day(numbers[0]))
    for number in numbers[1:]:
        found = found.add(day(number))
    return found


def by_walking(active: set[int], definition: Definition, until: int) -> list[Departure]:
    """The same, day by day."""
    found: list[Departure] = []
    first, silent = min(active), 0
    for number in range(first, until):
        if number in active:
            if found and found[-1].back_on is None:
                found[-1] = found[-1]._replace(back_on=day(number))
            silent = 0
            continue
        silent += 1
        begins = number - silent + 1
        known = sum(one < begins for one in active)
        at_home = known >= definition.least_active_days and begins - first >= definition.least_history_days
        if silent == definition.silent_days and at_home:
            found.append(Departure(day(begins), day(begins + definition.silent_days)))
    return found


@given(
    st.sets(st.integers(0, 250), min_size=1, max_size=60),
    st.integers(1, 300),
    st.integers(1, 40),
    st.integers(1, 6),
)
def test_departures_are_those_that_walking_day_by_day_finds(
    active: set[int], until: int, silent: int, least: int
) -> None:
    definition = Definition(silent, 5, least, 10)
    known = {one for one in active if one < until}
    if not known:
        return
    assert departures(active_on(*sorted(active)), definition, day(until)) == by_walking(known, definition, until) or (
        min(active) not in known
    )


def test_who_is_silent_is_gone_only_once_the_silence_has_lasted() -> None:
    days = active_on(*range(0, 30, 3))
    assert departures(days, DEFINITION, day(57)) == []
    assert departures(days, DEFINITION, day(58)) == [Departure(day(28), day(58))]


def test_a_customer_who_was_never_at_home_cannot_leave() -> None:
    assert departures(active_on(0, 1, 2, 25), DEFINITION, day(200)) == []
    assert departures(active_on(0, 1, 2, 3, 4), DEFINITION, day(200)) == []


def test_who_comes_back_has_left_all_the_same_until_then() -> None:
    (left,) = departures(active_on(*range(0, 30, 3), 90), DEFINITION, day(95))
    assert left.back_on == day(90)
    assert left.is_told_by(day(80), DEFINITION)
    assert not left.is_told_by(day(90), DEFINITION)
    assert gone_after([left], day(70)) == day(70)
    assert gone_after([left], day(91)) is None


def test_an_alert_is_right_from_some_days_before_the_silence_on_and_no_earlier() -> None:
    left = Departure(day(100), day(130))
    assert [left.is_told_by(day(number), DEFINITION) for number in (89, 90, 129, 131)] == [False, True, True, True]


@given(st.sets(st.integers(0, 400), min_size=12, max_size=80), st.integers(120, 500), st.integers(1, 200))
def test_what_comes_later_never_alters_what_was_known_of_the_days_before(
    active: set[int], until: int, more: int
) -> None:
    days = active_on(*sorted(active))
    before, after = departures(days, PUBLISHED, day(until)), departures(days, PUBLISHED, day(until + more))
    assert [(one.begins_on, one.gone_on) for one in before] == [
        (one.begins_on, one.gone_on) for one in after if one.gone_on is not None and one.gone_on <= day(until)
    ]


def test_pauses_of_a_day_are_found_too() -> None:
    assert [one.days for one in silences(active_on(0, 2, 5), day(7), least=1)] == [1, 2, 1]
