"""Classes by limits that are data, and since when each has held, against a recount day by day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.behaviour.daily_counts import DailyCounts
from scoring.classification.domain.classes import CLASSES, Held, Limits, told
from scoring.classification.domain.reckoning import active_since, reckoned
from scoring.standing.domain.assets import Movements
from scoring.standing.domain.state import Standing
from tests.scoring.rules import BANK, PUBLISHED

LIMITS = Limits((5_000_000, 50_000_000), (3, 12))
LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)
TODAY = date(2025, 6, 30)
AT = datetime(2025, 6, 30, 4, tzinfo=UTC)
DAY = timedelta(days=1)
days = st.sets(st.integers(0, 400), max_size=120)


def counted(ago: set[int]) -> DailyCounts | None:
    found: DailyCounts | None = None
    for days_ago in ago:
        day = TODAY - days_ago * DAY
        found = DailyCounts.on(day) if found is None else found.add(day)
    return found


@given(days)
def test_activity_has_held_since_the_first_day_of_the_unbroken_run_of_days(ago: set[int]) -> None:
    def activity(day: int) -> str:
        return LIMITS.activity_of(sum(day <= one < day + 90 for one in ago))

    expected = 0
    while expected < max(ago, default=0) and activity(expected + 1) == activity(0):
        expected += 1
    assert active_since(counted(ago), TODAY, LIMITS) == TODAY - expected * DAY


@given(st.integers(0, 100_000_000), days)
def test_classes_follow_from_the_limits(assets: int, ago: set[int]) -> None:
    standing = Standing("c-1", opening_minor=assets, active_days=counted(ago))
    attribute, activity = reckoned(standing, AT, PUBLISHED, LIMITS, LONG_AGO, {})
    in_window = sum(one < 90 for one in ago)
    assert attribute.value == ("hnw" if assets >= 50_000_000 else "medium" if assets >= 5_000_000 else "ordinary")
    assert activity.value == ("high" if in_window >= 12 else "medium" if in_window >= 3 else "low")
    assert attribute.since == datetime(2025, 6, 1, tzinfo=BANK.zone)


def test_what_is_as_it_was_noted_has_held_since_then_and_what_is_not_since_it_came_about() -> None:
    standing = Standing("c-1", movements=Movements(2025 * 12 + 4, 60_000_000, 0, 0, 0), credits_minor=60_000_000)
    noted = Held("c-1", "attribute", "hnw", datetime(2024, 2, 1, tzinfo=UTC), 3)
    (held, _) = reckoned(standing, AT, PUBLISHED, LIMITS, LONG_AGO, {"attribute": noted})
    assert held is noted
    (held, _) = reckoned(standing, AT, PUBLISHED, LIMITS, LONG_AGO, {"attribute": noted._replace(value="medium")})
    assert (held.value, held.since, held.revision) == ("hnw", datetime(2025, 6, 1, tzinfo=BANK.zone), 4)


def test_no_class_has_held_longer_than_the_limits_it_follows_from() -> None:
    limits_since = datetime(2025, 6, 20, tzinfo=UTC)
    held = reckoned(Standing("c-1", active_days=counted({300})), AT, PUBLISHED, LIMITS, limits_since, {})
    assert [one.since for one in held] == [limits_since, limits_since]


def _type(value: str, since: datetime, revision: int) -> Held:
    return Held("c-1", "type", value, since, revision)


def test_a_higher_revision_replaces_a_lower_one_and_a_type_that_stays_has_held_since_it_was_first_told() -> None:
    first = _type("personal", LONG_AGO, 2)
    assert told(None, first) is first
    assert told(first, _type("corporate", AT, 1)) is None
    assert told(first, _type("corporate", AT, 2)) is None
    assert told(first, _type("personal", AT, 3)) == _type("personal", LONG_AGO, 3)
    assert told(first, _type("corporate", AT, 3)) == _type("corporate", AT, 3)
    stage = Held("c-1", "lifecycle", "new", LONG_AGO, 1)
    assert told(stage, stage._replace(since=AT, revision=2)) == stage._replace(since=AT, revision=2)


@pytest.mark.parametrize(
    ("limits", "place"),
    [
        (Limits((5, 5), (3, 12)), ("attribute", "upper")),
        (Limits((5, 6), (12, 3)), ("activity", "upper")),
        (Limits((5, 6), (3, 91)), ("activity", "upper")),
    ],
)
def test_limits_that_make_no_classes_are_found(limits: Limits, place: tuple[str, str]) -> None:
    assert [fault.place for fault in limits.faults()] == [place]
    assert LIMITS.faults() == []


def test_the_classes_are_those_of_the_manual() -> None:
    assert set(CLASSES) == {"type", "attribute", "activity", "lifecycle"}
