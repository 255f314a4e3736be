"""A snapshot of the whole book once a day, in batches beside everything else, and each against its reference."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, time

from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.messaging.transaction import Transaction, Transactions
from rapport.telemetry.metrics import Figures
from scoring.drift import store
from scoring.drift.domain import Drift, Snapshot
from scoring.scorecard.domain import Scorecard, Scorecards
from scoring.scorecard.handlers import take_up_approved
from scoring.standing.domain.evidence import values_of
from scoring.standing.domain.rules import Rules
from scoring.standing.store import book
from scoring.standing.taking_up import take_up

_PAGE = 500
_BEHIND = 5000
"""Records of one partition, as many as a poll takes at most: who is further behind is still reading a backlog."""


async def take_snapshots(transactions: Transactions, *, rules: Rules) -> bool:
    """Count the next customers of a snapshot; begin one where the bank's day has none. False: nothing to count.

    Each customer as of the clock at the moment of the batch, as a request would be shown.
    """
    async with transactions.begin() as tx:
        await take_up(rules, tx.connection)
        snapshot = await store.claim(tx.connection) or await _begun(tx, transactions, rules)
        if snapshot is None:
            return False
        card = _card(rules.cards, snapshot.version)
        standings = await book.load_page(tx.connection, after=snapshot.counted_up_to, limit=_PAGE)
        for standing in standings:
            at = tx.clock_of(standing.customer_id)
            values = values_of(standing, at, rules.bank, rules.rates, rules.model_for(at, card))
            snapshot.count(standing.tier, values, card)
        if len(standings) < _PAGE:
            snapshot.finished_at = tx.now
        else:
            snapshot.counted_up_to = standings[-1].customer_id
        await store.save(tx.connection, snapshot)
    return snapshot.finished_at is None


async def take_snapshot_now(transactions: Transactions, *, rules: Rules) -> None:
    """Count the whole book as it is at this moment; a worker may help. Of an empty book there is no snapshot."""
    async with transactions.begin() as tx:
        await take_up_approved(rules.cards, tx.connection)
        now = clock_of_book(tx, is_stream_time=transactions.service.is_stream_time)
        if now is None or not await book.page(tx.connection, after="", limit=1):
            return
        await store.begin(tx.connection, Snapshot(rules.cards.at(now).version, now))
    while True:
        if not await take_snapshots(transactions, rules=rules):
            async with transactions.engine.connect() as connection:
                if await store.is_finished(connection, now):
                    return
            await asyncio.sleep(0.2)


def clock_of_book(tx: Transaction, *, is_stream_time: bool) -> datetime | None:
    """The time it is for the whole book: in stream time that of the partition furthest on, if any heard anything."""
    return max(tx.positions.values(), default=None) if is_stream_time else tx.now


async def is_far_behind(connection: AsyncConnection) -> bool:
    """Is some partition still reading a backlog?"""
    return await store.records_behind(connection) > _BEHIND


async def _begun(tx: Transaction, transactions: Transactions, rules: Rules) -> Snapshot | None:
    now = clock_of_book(tx, is_stream_time=transactions.service.is_stream_time)
    if now is None:
        return None
    zone = rules.bank.zone
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    last = await store.latest_moment(tx.connection)
    if last is not None and last >= midnight:
        return None
    # Half a book would be the reference of its version for ever.
    if await is_far_behind(tx.connection) or not await book.page(tx.connection, after="", limit=1):
        return None
    snapshot = Snapshot(rules.cards.at(now).version, midnight)
    return snapshot if await store.begin(tx.connection, snapshot) else None


def _card(cards: Scorecards, version: int) -> Scorecard:
    """What was in force once is never withdrawn."""
    return next(card for card in cards.cards if card.version == version)


async def drifts(
    connection: AsyncConnection, *, version: int | None = None, before: tuple[datetime, int] | None = None, limit: int
) -> list[Drift]:
    """Finished snapshots, the latest first, each with the reference of its version."""
    found = await store.page(connection, version=version, before=before, limit=limit)
    references = await store.references(connection, (one.version for one in found))
    return [Drift(one, references.get(one.version)) for one in found]


async def latest_indices(connection: AsyncConnection) -> Mapping[tuple[str, ...], float]:
    """The index of each distribution in the latest snapshot, by version and name: for Prometheus."""
    return {
        (str(drift.snapshot.version), one.name): one.psi
        for drift in await drifts(connection, limit=1)
        for one in drift.measures()
    }


INDICES = Figures("rapport_scoring_psi", "Population stability index of the book", ("version", "input"), latest_indices)
