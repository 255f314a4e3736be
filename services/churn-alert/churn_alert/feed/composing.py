"""How feeds are put into the service: what their document makes of it, what they hold up, serve and show."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.feed.api import router
from churn_alert.feed.documents import ACTIVITY
from churn_alert.feed.domain.hearing import FeedRules, feeds_of
from churn_alert.feed.handlers import dated, warn_of_stops
from churn_alert.feed.store.feeds import heard_by
from rapport.clock import utc_now
from rapport.composition import Composition
from rapport.telemetry.metrics import Figures

_JUDGING = ("ahead", "stages", "risks", "persons")
"""The sweeps that take silence for something. What people leave undone goes by the clock on the wall."""


def heard(composition: Composition) -> Composition:
    """The service with silence judged as far as the bank was heard, by the rules that what is dated ahead waits by."""
    ruling, limits = composition.state["feed_rules"].rules(), composition.state["silence_limits"]
    handlers = composition.subscriptions
    behaviour = {handler: dated(handler, ruling) for event, handler in handlers.items() if event in ACTIVITY.values()}
    return replace(
        composition,
        subscriptions={event: behaviour.get(handler, handler) for event, handler in handlers.items()},
        sweeps=[replace(one, limits=limits) if one.name in _JUDGING else one for one in composition.sweeps],
        upkeep=(*composition.upkeep, partial(warn_of_stops, rules=ruling)),
        figures=(*composition.figures, _held(ruling), _parts_held(ruling)),
        routers=(*composition.routers, router),
    )


def _held(rules: FeedRules) -> Figures:
    async def held(connection: AsyncConnection) -> Mapping[tuple[str, ...], float]:
        now = utc_now()
        feeds = feeds_of(await heard_by(connection), rules, now)
        return {(one.topic,): (now - one.heard_until).total_seconds() * (one.state != "live") for one in feeds}

    return Figures(
        "rapport_churn_feed_held_seconds", "0, or for how long no silence is judged: a feed stopped", ("topic",), held
    )


def _parts_held(rules: FeedRules) -> Figures:
    async def held(connection: AsyncConnection) -> Mapping[tuple[str, ...], float]:
        now, heard = utc_now(), await heard_by(connection)
        parts = [part for feed in feeds_of(heard, rules, now) for part in feed.parts]
        silent = {(one.topic, str(one.partition)): (now - one.heard_until).total_seconds() for one in parts}
        return {place: silent.get(place, 0.0) for row in heard if (place := (row.topic, str(row.partition)))}

    return Figures(
        "rapport_churn_feed_partition_held_seconds",
        "0, or for how long no silence of this partition is judged: it stopped by itself",
        ("topic", "partition"),
        held,
    )
