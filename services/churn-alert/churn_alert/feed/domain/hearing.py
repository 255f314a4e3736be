"""How far silence may be judged: as far as the bank has been heard, for a stopped feed looks like everybody's silence.

In wall time alone: a stream's own clock stands still while nothing comes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from churn_alert.feed.domain.usual import Usual

State = Literal["live", "stopped", "returning"]


@dataclass(frozen=True, slots=True)
class PartitionRules:
    """When a partition counts as stopped though others are heard: quiet for longer than the whole bank may be, and for
    more than `times` its own longest ordinary gap. One with fewer customers, or known for less, is never judged by
    itself: its silence may be theirs.
    """

    times: float
    least_customers: int
    least_known: timedelta


@dataclass(frozen=True, slots=True)
class FeedRules:
    """`quiet`: by topic of activity, for how long nothing at all may come of the whole bank. `settle`: after a stop,
    for how long what came back is not believed to be all. `partitions`: None where none is judged by itself.
    """

    version: int
    quiet: Mapping[str, timedelta]
    settle: timedelta
    partitions: PartitionRules | None = None


class Heard(NamedTuple):
    """One topic in one partition. `until`: the latest business time heard, in UTC. `returned_at`: when the topic was
    last heard again after a stop of the whole, `own_returned_at` after one of this partition, by the clock on the wall.
    `is_behind`: records of it are known that are not read.
    """

    topic: str
    partition: int
    until: datetime
    returned_at: datetime | None = None
    is_behind: bool = False
    own_returned_at: datetime | None = None
    usual: Usual = Usual()


class Part(NamedTuple):
    """One partition of a topic that is heard elsewhere. `quiet`: for how long nothing may come of it."""

    topic: str
    partition: int
    state: State
    heard_until: datetime
    since: datetime | None
    quiet: timedelta | None


class Feed(NamedTuple):
    """One topic over the whole bank. `since`: of this state; None of one that was never anything but live. `parts`:
    those of its partitions that are not live by themselves, while the whole is.
    """

    topic: str
    state: State
    heard_until: datetime
    since: datetime | None
    parts: tuple[Part, ...] = ()


def feeds_of(heard: Iterable[Heard], rules: FeedRules, now: datetime) -> list[Feed]:
    """Each topic by name; one of which nothing was ever heard is not among them and holds nothing up."""
    return [_feed(topic, rows, rules, now) for topic, rows in sorted(_by_topic(heard, rules).items())]


def limits_of(heard: Iterable[Heard], rules: FeedRules, now: datetime) -> dict[int, datetime]:
    """By partition, how far silence may be judged, where that is not up to `now`.

    While a topic is stopped or returning, each partition is judged as far as it was heard itself: a backlog is read
    partition after partition. So is one that is stopped or returning by itself, and one whose own log is not read to
    its end and long past.
    """
    limits: dict[int, datetime] = {}
    for topic, rows in _by_topic(heard, rules).items():
        feed = _feed(topic, rows, rules, now)
        held = {part.partition for part in feed.parts}
        for row in rows:
            is_held = feed.state != "live" or row.partition in held
            if is_held or (row.is_behind and now - row.until > rules.quiet[topic]):
                limits[row.partition] = min(row.until, limits.get(row.partition, now))
    return limits


def stopped(heard: Iterable[Heard], rules: FeedRules, now: datetime) -> set[str]:
    """Topics of which nothing has come for longer than may be."""
    return {one.topic for one in feeds_of(heard, rules, now) if one.state == "stopped"}


def stopped_parts(heard: Iterable[Heard], rules: FeedRules, now: datetime) -> set[tuple[str, int]]:
    """Topics and partitions of which by themselves nothing has come for longer than may be, whatever else is heard."""
    rows = (row for row in heard if row.topic in rules.quiet)
    return {(row.topic, row.partition) for row in rows if _part(row, rules, now).state == "stopped"}


def _by_topic(heard: Iterable[Heard], rules: FeedRules) -> dict[str, list[Heard]]:
    found: dict[str, list[Heard]] = defaultdict(list)
    for row in heard:
        if row.topic in rules.quiet:
            found[row.topic].append(row)
    return found


def _feed(topic: str, rows: Iterable[Heard], rules: FeedRules, now: datetime) -> Feed:
    rows = list(rows)
    until = max(row.until for row in rows)
    returned_at = max((row.returned_at for row in rows if row.returned_at), default=None)
    if now - until > rules.quiet[topic]:
        return Feed(topic, "stopped", until, until)
    if returned_at is not None and now - returned_at < rules.settle:
        return Feed(topic, "returning", until, returned_at)
    parts = (_part(row, rules, now) for row in sorted(rows))
    return Feed(topic, "live", until, returned_at, tuple(part for part in parts if part.state != "live"))


def _part(row: Heard, rules: FeedRules, now: datetime) -> Part:
    quiet, returned_at = _quiet(row, rules, now), row.own_returned_at
    state: State = "live"
    if quiet is not None and now - row.until > quiet:
        state = "stopped"
    elif returned_at is not None and now - returned_at < rules.settle:
        state = "returning"
    since = row.until if state == "stopped" else returned_at
    return Part(row.topic, row.partition, state, row.until, since, quiet)


def _quiet(row: Heard, rules: FeedRules, now: datetime) -> timedelta | None:
    """For how long nothing may come of a partition; None of one that is not judged by itself, or was heard just now."""
    bank, own = rules.quiet[row.topic], rules.partitions
    if own is None or now - row.until <= bank:
        return None
    if row.usual.customers < own.least_customers or row.usual.spans < own.least_known:
        return None
    return max(bank, own.times * row.usual.longest_gap(bank, own.times))
