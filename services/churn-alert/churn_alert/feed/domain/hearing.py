"""How far silence may be judged: as far as the bank has been heard, for a stopped feed looks like everybody's silence.

In wall time alone: a stream's own clock stands still while nothing comes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

State = Literal["live", "stopped", "returning"]


@dataclass(frozen=True, slots=True)
class FeedRules:
    """`quiet`: by topic of activity, for how long nothing at all may come of the whole bank. `settle`: after a stop,
    for how long what came back is not believed to be all.
    """

    version: int
    quiet: Mapping[str, timedelta]
    settle: timedelta


class Heard(NamedTuple):
    """One topic in one partition. `until`: the latest business time heard, in UTC. `returned_at`: when the topic was
    last heard again after a stop, by the clock on the wall. `is_behind`: records of it are known that are not read.
    """

    topic: str
    partition: int
    until: datetime
    returned_at: datetime | None = None
    is_behind: bool = False


class Feed(NamedTuple):
    """One topic over the whole bank. `since`: of this state; None of one that was never anything but live."""

    topic: str
    state: State
    heard_until: datetime
    since: datetime | None


def feeds_of(heard: Iterable[Heard], rules: FeedRules, now: datetime) -> list[Feed]:
    """Each topic by name; one of which nothing was ever heard is not among them and holds nothing up."""
    return [_feed(topic, rows, rules, now) for topic, rows in sorted(_by_topic(heard, rules).items())]


def limits_of(heard: Iterable[Heard], rules: FeedRules, now: datetime) -> dict[int, datetime]:
    """By partition, how far silence may be judged, where that is not up to `now`.

    While a topic is stopped or returning, each partition is judged as far as it was heard itself: a backlog is read
    partition after partition. So is one whose own log is not read to its end and long past.
    """
    limits: dict[int, datetime] = {}
    for topic, rows in _by_topic(heard, rules).items():
        held = _feed(topic, rows, rules, now).state != "live"
        for row in rows:
            if held or (row.is_behind and now - row.until > rules.quiet[topic]):
                limits[row.partition] = min(row.until, limits.get(row.partition, now))
    return limits


def stopped(heard: Iterable[Heard], rules: FeedRules, now: datetime) -> set[str]:
    """Topics of which nothing has come for longer than may be."""
    return {one.topic for one in feeds_of(heard, rules, now) if one.state == "stopped"}


def _by_topic(heard: Iterable[Heard], rules: FeedRules) -> dict[str, list[Heard]]:
    found: dict[str, list[Heard]] = defaultdict(list)
    for row in heard:
        if row.topic in rules.quiet:
            found[row.topic].append(row)
    return found


def _feed(topic: str, rows: Iterable[Heard], rules: FeedRules, now: datetime) -> Feed:
    until = max(row.until for row in rows)
    returned_at = max((row.returned_at for row in rows if row.returned_at), default=None)
    if now - until > rules.quiet[topic]:
        return Feed(topic, "stopped", until, until)
    if returned_at is not None and now - returned_at < rules.settle:
        return Feed(topic, "returning", until, returned_at)
    return Feed(topic, "live", until, returned_at)
