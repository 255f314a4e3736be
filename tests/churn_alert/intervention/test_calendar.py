"""Dates of regular contact and of the relation's days, against a count day by day; and that neither order nor speed
changes them.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_alert.intervention.domain.calendar import (
    Calendar,
    Contact,
    Fact,
    Fallen,
    Opening,
    Rhythms,
    Salary,
    fold,
    is_first_salary,
    look,
    plan,
)

ZONE = ZoneInfo("Asia/Shanghai")
QUARTER, YEAR = timedelta(days=90), timedelta(days=365)
RHYTHMS = Rhythms(1, (QUARTER, YEAR), True, ZONE)
NOW = datetime(2024, 2, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
moments = st.integers(0, 1500 * 24).map(lambda hours: NOW + timedelta(hours=hours))


def calendar_of(since: date, **known: datetime) -> Calendar:
    one = Calendar("c-1", since, heard_at=NOW, looked_at=NOW, **known)
    plan(one, RHYTHMS)
    return one


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def counted(since: date, anchor: datetime, until: datetime) -> list[Fallen]:
    """Day by day, hour by hour: nothing of how the rules do it."""
    found, at = [], NOW
    while at < until:
        at += timedelta(hours=1)
        for every in (QUARTER, YEAR):
            if at > anchor and (at - anchor) % every == timedelta(0):
                found.append(Fallen(at, "regular-contact", every))
        local = at.astimezone(ZONE)
        last = monthrange(local.year, local.month)[1]
        is_day = (local.month, local.day) == (since.month, min(since.day, last) if since.month == 2 else since.day)
        if is_day and local.hour == 0 and local.year > since.year:
            found.append(Fallen(at, "anniversary", None))
    return found


def key(one: Fallen) -> tuple[datetime, str, timedelta]:
    return one.at, one.node, one.every or timedelta(0)


def test_the_next_contact_is_so_long_after_the_last_and_one_that_happened_anyway_moves_it() -> None:
    one = calendar_of(date(2023, 5, 1), last_contact_at=NOW - DAY)
    assert one.due_at == NOW - DAY + QUARTER
    assert look(one, RHYTHMS, NOW + 60 * DAY) == []
    fold(one, Contact(NOW + 60 * DAY), NOW + 60 * DAY)
    fallen = look(one, RHYTHMS, NOW + 60 * DAY + QUARTER)
    assert [found.at for found in fallen if found.node == "regular-contact"] == [NOW + 60 * DAY + QUARTER]


def test_a_contact_that_nobody_made_falls_due_again_and_again() -> None:
    one = calendar_of(date(2023, 5, 1), last_contact_at=NOW)
    fallen = [found for found in look(one, RHYTHMS, NOW + 300 * DAY) if found.every == QUARTER]
    assert [found.at for found in fallen] == [NOW + QUARTER, NOW + 2 * QUARTER, NOW + 3 * QUARTER]


def test_customers_of_a_bank_that_is_taken_on_fall_due_on_days_of_their_own() -> None:
    """Without any contact that is known; all are heard of on one day."""
    draw = Random(1)
    due = [calendar_of(date(2010, 1, 1) + draw.randrange(5000) * DAY).due_at for _ in range(900)]
    assert all(at is not None and NOW < at <= NOW + QUARTER for at in due)
    a_week = [sum(NOW + first * DAY < at <= NOW + (first + 7) * DAY for at in due if at) for first in range(0, 84, 7)]
    assert max(a_week) < 2 * 900 / 12


@pytest.mark.parametrize("day", [date(2020, 2, 29), date(2019, 2, 28), date(2022, 12, 31), date(2024, 1, 1)])
def test_the_day_returns_every_year_and_a_29_february_on_the_28th_of_the_others(day: date) -> None:
    one = calendar_of(day)
    years = [found.at for found in look(one, RHYTHMS, NOW + 1500 * DAY) if found.node == "anniversary"]
    expected = [
        midnight(date(year, day.month, min(day.day, monthrange(year, day.month)[1]))) for year in range(2024, 2029)
    ]
    assert years == [at for at in expected if NOW < at <= NOW + 1500 * DAY]
    if day == date(2020, 2, 29):
        assert [at.astimezone(ZONE).date().isoformat() for at in years[:2]] == ["2024-02-29", "2025-02-28"]


def test_nothing_falls_due_of_whom_no_account_was_told_or_of_a_day_nobody_knows() -> None:
    one = Calendar("c-1")
    fold(one, Contact(NOW), NOW)
    fold(one, Opening(date(1, 1, 1)), NOW)
    assert look(one, RHYTHMS, NOW + 2000 * DAY) == []
    plan(one, RHYTHMS)
    assert (one.since, one.due_at) == (None, None)


@given(
    since=st.dates(date(2019, 1, 1), date(2024, 1, 31)),
    contact=st.none() | st.integers(-400 * 24, 0).map(lambda hours: NOW + timedelta(hours=hours)),
    looks=st.lists(moments, max_size=8),
    until=moments,
)
def test_however_often_somebody_looks_the_dates_are_those_that_are_counted(
    since: date, contact: datetime | None, looks: list[datetime], until: datetime
) -> None:
    one = calendar_of(since)
    one.last_contact_at = contact
    plan(one, RHYTHMS)
    found: list[Fallen] = []
    for moment in sorted([*(each for each in looks if each <= until), until]):
        if one.due_at is not None and one.due_at <= moment:
            # A sweep looks at nobody who is not due.
            found += look(one, RHYTHMS, moment)
            plan(one, RHYTHMS)
    assert found == sorted(found, key=lambda fallen: fallen.at)
    expected = counted(since, contact or midnight(since), until)
    assert sorted(found, key=key) == sorted(expected, key=key)


facts = st.one_of(moments.map(Contact), moments.map(Salary), st.dates(date(2000, 1, 1), date(2024, 1, 1)).map(Opening))


@given(told=st.lists(st.tuples(facts, moments), min_size=1, max_size=12), seed=st.integers(0, 99))
def test_what_is_known_is_the_same_in_any_order(told: list[tuple[Fact, datetime]], seed: int) -> None:
    shuffled = told.copy()
    Random(seed).shuffle(shuffled)
    known = []
    for order in (told, shuffled):
        one = Calendar("c-1")
        for fact, moment in order:
            fold(one, fact, moment)
        known.append((one.since, one.last_contact_at, one.first_salary_at, one.heard_at))
    assert known[0] == known[1]
    assert known[0][-1] == min(moment for _, moment in told)


@pytest.mark.parametrize(
    ("since", "heard", "known", "is_first"),
    [
        (date(2024, 1, 30), NOW, None, True),  # new here: all of it is heard
        (date(2015, 1, 1), NOW, None, False),  # of a bank that was taken on: the salary may have come for years
        (date(2015, 1, 1), NOW - 100 * DAY, None, True),  # heard of for three paydays without one
        (date(2024, 1, 30), NOW, NOW - DAY, False),  # not the first
    ],
)
def test_a_salary_is_the_first_where_an_earlier_one_would_be_known(
    since: date, heard: datetime, known: datetime | None, is_first: bool
) -> None:
    one = Calendar("c-1", since, first_salary_at=known, heard_at=heard)
    assert is_first_salary(one, NOW, ZONE) is is_first
