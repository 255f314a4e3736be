"""The bank's own history: what it told of customers, from an archive's folder or from Kafka, without who is destroyed.

Nobody wrote down who drifted away, so that is read from what came: the customer's own operations fall to three tenths
of the customer's own rate or less, silence included.
"""

import asyncio
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

from churn_alert.main import compose
from churn_alert.settings import Settings
from fit_risk_model.books import Book, Outcome, Told, is_own
from rapport.composition import Runtime
from rapport.erasure.store import destroyed_in
from rapport.events.bank import InteractionRecorded, TransactionRecorded
from rapport.messaging.archive import Archive
from rapport.messaging.history import History
from rapport.messaging.log import HistoryMissing, KafkaLog, Log
from rapport.messaging.observer import Observer

LABEL = "own operations fall to 0.3 of the own rate, or to none"
FALLS_TO = 0.3
RATE_DAYS = 90
FEWEST = 6
"""Own operations in those days: below, there is no rate that could fall."""
LONGEST_GAP = timedelta(days=4)
"""A long weekend of a bank that delivers once a day."""
_KINDS = (TransactionRecorded, InteractionRecorded)


def book_of(folder: Path | None) -> Book:
    """Everybody of whom the bank told. Raises ValueError where the archive lacks something."""
    settings = Settings.read()
    runtime = Runtime(compose(settings), settings, role="refit", observer=Observer())
    log: Log = KafkaLog(settings.kafka) if folder is None else Archive(folder)
    try:
        lives = asyncio.run(_read(runtime, log))
    except HistoryMissing as missing:
        raise ValueError(str(missing)) from missing
    if not lives:
        raise ValueError("nothing was told of any customer: let the bank's core publish first")
    zone = settings.bank.zone
    first, last = (pick(told.at for life in lives.values() for told in life) for pick in (min, max))
    demand_no_gap(lives)
    start = datetime.combine(first.astimezone(zone).date(), time.min, zone)
    return Book(
        "the bank's own history", settings.bank.bank(), lives, start, (last - start).days, {LABEL: fallen(lives, last)}
    )


def demand_no_gap(lives: Mapping[str, Sequence[Told]]) -> None:
    """Raises ValueError where for days nothing was told of anybody: a feed that stood still would pass for silence."""
    moments = sorted(told.at for life in lives.values() for told in life)
    before, after = max(pairwise(moments), key=lambda two: two[1] - two[0], default=(None, None))
    if before and after and after - before > LONGEST_GAP:
        days = f"from {before:%Y-%m-%d %H:%M} to {after:%Y-%m-%d %H:%M}"
        raise ValueError(
            f"the history has a gap: nothing was told of anybody {days}; have what is missing published, or begin later"
        )


def fallen(lives: Mapping[str, Sequence[Told]], end: datetime) -> Outcome:
    """Own operations within the horizon, against the rate of the 90 days before; a history ends at `end`."""
    acts = {key: [told.at for told in life if is_own(told.event)] for key, life in lives.items()}

    def fell(customer: str, at: datetime, days: int) -> bool | None:
        until, own = at + timedelta(days=days), acts[customer]
        if until > end:
            return None
        now = bisect_left(own, at)
        before, after = now - bisect_left(own, at - timedelta(days=RATE_DAYS)), bisect_left(own, until) - now
        return None if before < FEWEST else after / days <= FALLS_TO * before / RATE_DAYS

    return fell


async def _read(runtime: Runtime, log: Log) -> dict[str, list[Told]]:
    lives: dict[str, list[Told]] = defaultdict(list)
    heard = runtime.transactions.service
    service = replace(heard, hears={kind: one for kind, one in heard.hears.items() if one in _KINDS})
    try:
        for partition in range(service.partitions):
            async with runtime.engine.connect() as connection:
                destroyed = await destroyed_in(connection, partition)
            async for events in History(log, service, partition).events():
                for event in events:
                    if event.data.customer_id not in destroyed:
                        lives[event.data.customer_id].append(Told(event.at, event.data))
    finally:
        await runtime.close()
    return dict(lives)
