"""When an answer is due, what takes the place of what, and who decides, without a database."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_profile.correction.domain import (
    PROVEN,
    Calendar,
    Correction,
    CorrectionByOnePerson,
    CorrectionEnded,
    CorrectionInvalid,
    CorrectionOverlaps,
    demand_evidence,
    demand_ground,
    superseded,
)
from customer_profile.customer.domain import IDENTITY

CHINA = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
days = st.dates(date(2025, 1, 1), date(2027, 1, 1))


def asked(*fields: str, number: int = 1, **more: object) -> Correction:
    """A request about these fields."""
    whole = {"channel": "branch", "asked_by": "e-1", "asked_at": MONDAY, "due_at": MONDAY, "evidence_digest": None}
    return Correction(UUID(int=number), "c-1", fields, **whole | more)  # type: ignore[arg-type]


def test_fifteen_working_days_after_a_monday_are_over_at_the_end_of_a_monday_three_weeks_later() -> None:
    assert Calendar(CHINA, 15).due_at(MONDAY) == datetime(2026, 3, 24, tzinfo=CHINA)


def test_a_holiday_is_no_working_day_and_a_weekend_that_makes_up_for_one_is() -> None:
    festival = frozenset(date(2026, 10, day) for day in range(1, 9))
    calendar = Calendar(CHINA, 3, festival, frozenset({date(2026, 10, 10)}))
    assert calendar.due_at(datetime(2026, 9, 30, 8, tzinfo=UTC)) == datetime(2026, 10, 13, tzinfo=CHINA)


@given(
    st.datetimes(datetime(2025, 2, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),
    st.integers(1, 30),
    st.frozensets(days, max_size=30),
    st.frozensets(days, max_size=30),
)
def test_between_the_asking_and_the_due_moment_lie_just_so_many_working_days(
    at: datetime, number: int, off: frozenset[date], on: frozenset[date]
) -> None:
    due = Calendar(CHINA, number, off, on).due_at(at).astimezone(CHINA)
    first, last = at.astimezone(CHINA).date() + timedelta(days=1), due.date() - timedelta(days=1)
    between = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    works = [day for day in between if day in on or (day.isoweekday() < 6 and day not in off)]
    assert (due.hour, len(works), works[-1]) == (0, number, last)


FIELDS = st.frozensets(st.sampled_from(IDENTITY), min_size=1)


@given(FIELDS, st.lists(FIELDS, max_size=3))
def test_a_request_takes_the_place_of_those_it_covers_and_of_no_part_of_one(
    fields: frozenset[str], others: list[frozenset[str]]
) -> None:
    requests = [asked(*other, number=n) for n, other in enumerate(others)]
    if any(other & fields and not other <= fields for other in others):
        with pytest.raises(CorrectionOverlaps):
            superseded(fields, requests)
    else:
        assert superseded(fields, requests) == [request for request in requests if {*request.fields} <= fields]


@given(FIELDS)
def test_what_stands_on_a_paper_needs_one(fields: frozenset[str]) -> None:
    demand_evidence(fields, "0" * 64)
    if fields & {*PROVEN}:
        with pytest.raises(CorrectionInvalid, match="evidence_digest is needed"):
            demand_evidence(fields, None)
    else:
        demand_evidence(fields, None)


def test_who_asks_does_not_decide_and_what_has_ended_is_decided_no_more() -> None:
    asked("phone").demand_second_person("e-2")
    with pytest.raises(CorrectionByOnePerson):
        asked("phone").demand_second_person("e-1")
    with pytest.raises(CorrectionEnded, match="withdrawn"):
        asked("phone", state="withdrawn").demand_second_person("e-2")


def test_a_refusal_has_a_ground_and_an_approval_has_none() -> None:
    demand_ground("refused", "bound-by-law")
    demand_ground("approved", None)
    for wrong in (("refused", None), ("approved", "bound-by-law")):
        with pytest.raises(CorrectionInvalid, match="ground"):
            demand_ground(*wrong)  # type: ignore[arg-type]
