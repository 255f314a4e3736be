"""What is done with how far the bank was heard: events that come after a stop are decided as of then, sweeps wait."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.feed.documents import ACTIVITY
from churn_alert.feed.domain.hearing import FeedRules, feeds_of, limits_of, stopped, stopped_parts
from churn_alert.feed.domain.usual import Usual, hour_of
from churn_alert.feed.store.feeds import heard_by, note, note_own_return, note_return
from rapport.clock import utc_now
from rapport.events.base import AnyReceived
from rapport.messaging.poll import Handler
from rapport.messaging.service import Service
from rapport.messaging.sweeper import Limits
from rapport.messaging.transaction import Transaction, Transactions
from rapport.telemetry.logs import get_logger


def dated(handler: Handler, rules: FeedRules) -> Handler:
    """The handler with its events at the moment up to which the bank had been heard, where that is not the clock's.

    Of what customers did that is at least when they did it. After a stop the backlog is so lived through day by day,
    and what comes of others meanwhile is decided as of how far customers are known.
    """

    async def handle(tx: Transaction, events: Sequence[AnyReceived]) -> None:
        if not tx.service.is_stream_time:
            await _date(tx, events, rules)
        await handler(tx, events)

    return handle


async def _date(tx: Transaction, events: Sequence[AnyReceived], rules: FeedRules) -> None:
    heard = await heard_by(tx.connection, tx.service.topic_prefix)
    limits = limits_of(heard, rules, tx.now)
    until: dict[tuple[str, int], datetime] = {}
    acts: dict[tuple[str, int], set[tuple[int, str]]] = defaultdict(set)
    for event in events:
        partition = tx.partition_of(event.data.customer_id)
        limit = limits.get(partition)
        if event.data.name in ACTIVITY:
            did = min(event.data.occurred_at, event.at)
            place = (event.data.name, partition)
            until[place] = max(until.get(place, did), did)
            acts[place].add((hour_of(did), event.data.customer_id))
            limit = max(limit, did) if limit else None
        if limit:
            event.at = min(event.at, limit)
    if not until:
        return
    known = {(row.topic, row.partition): row.usual for row in heard}
    usual = {place: Usual.of(those).merge(known.get(place, Usual())) for place, those in acts.items()}
    await note(tx.connection, until, usual)
    if back := stopped(heard, rules, tx.now) & {topic for topic, _ in until}:
        await note_return(tx.connection, [place for place in until if place[0] in back], tx.now)
    if own := stopped_parts(heard, rules, tx.now) & until.keys():
        await note_own_return(tx.connection, sorted(own), tx.now)


def limited(rules: FeedRules) -> Limits:
    """How far a sweep may judge silence, by partition."""

    async def limits(connection: AsyncConnection, service: Service, now: datetime) -> dict[int, datetime]:
        return {} if service.is_stream_time else limits_of(await heard_by(connection, service.topic_prefix), rules, now)

    return limits


async def warn_of_stops(transactions: Transactions, *, rules: FeedRules) -> None:
    """Upkeep: say which feeds are stopped or returning, each time it is looked."""
    service, now = transactions.service, utc_now()
    if service.is_stream_time:
        return
    async with transactions.engine.connect() as connection:
        heard = await heard_by(connection, service.topic_prefix)
    for feed in feeds_of(heard, rules, now):
        if feed.state != "live":
            _warn(now - feed.heard_until, topic=feed.topic, mode=feed.state)
        for part in feed.parts:
            _warn(now - part.heard_until, topic=part.topic, partition=part.partition, mode=part.state)


def _warn(quiet: timedelta, **of: object) -> None:
    seconds = quiet.total_seconds()
    get_logger().warning("silence is judged no further than a feed was heard", **of, seconds=seconds)
