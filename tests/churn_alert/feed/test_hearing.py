"""How far silence may be judged, whatever was heard when."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from churn_alert.feed.domain.hearing import FeedRules, Heard, feeds_of, limits_of
from churn_alert.feed.domain.usual import Usual

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULES = FeedRules(1, {"postings": 12 * HOUR, "uses": 24 * HOUR}, HOUR)
past = some.integers(0, 96 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes))
rows = some.builds(
    Heard,
    some.sampled_from(["postings", "uses", "others"]),
    some.integers(0, 3),
    past,
    some.none() | past,
    some.booleans(),
    some.none() | past,
    some.just(Usual()),
)
everything = some.lists(rows, unique_by=lambda row: (row.topic, row.partition))


@given(everything)
def test_silence_is_judged_no_further_than_a_topic_in_trouble_was_heard_and_without_trouble_up_to_now(
    heard: list[Heard],
) -> None:
    limits = limits_of(heard, RULES, NOW)
    for partition in range(4):
        own = [row for row in heard if row.partition == partition and row.topic in RULES.quiet]
        bounds = []
        for row in own:
            whole = [one for one in heard if one.topic == row.topic]
            quiet = NOW - max(one.until for one in whole)
            back = [one.returned_at for one in whole if one.returned_at is not None]
            in_trouble = quiet > RULES.quiet[row.topic] or any(NOW - at < RULES.settle for at in back)
            lags = row.is_behind and NOW - row.until > RULES.quiet[row.topic]
            returns_alone = row.own_returned_at is not None and NOW - row.own_returned_at < RULES.settle
            bounds += [row.until] if in_trouble or lags or returns_alone else []
        assert limits.get(partition) == min(bounds, default=None)


@given(everything, some.integers(1, 500))
def test_a_feed_that_stopped_stays_so_until_something_comes(heard: list[Heard], hours: int) -> None:
    now = {one.topic for one in feeds_of(heard, RULES, NOW) if one.state == "stopped"}
    later = {one.topic for one in feeds_of(heard, RULES, NOW + hours * HOUR) if one.state == "stopped"}
    assert now <= later


def test_of_a_topic_that_never_came_or_that_no_rule_names_nothing_is_held_up() -> None:
    long_ago = Heard("others", 0, NOW - 1000 * HOUR)
    fresh = Heard("postings", 0, NOW - HOUR)
    assert limits_of([long_ago, fresh], RULES, NOW) == {}
    assert limits_of([], RULES, NOW) == {}
