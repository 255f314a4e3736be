"""Quality is counted where a record is handled, the whole book once a day; a steward works off what is wrong."""

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from customer_profile.customer.domain import IDENTITY
from customer_profile.quality import domain, store
from customer_profile.quality.domain import Issue, IssueNotFound, Note, Outcome
from rapport.events.bank import CustomerRecorded
from rapport.events.base import Received
from rapport.messaging.transaction import Transaction, Transactions

_SOURCE = re.compile("[a-z][a-z-]{0,39}")
_UNNAMED = "unnamed"


async def on_customers_recorded(tx: Transaction, events: Sequence[Received[CustomerRecorded]]) -> None:
    """Count what these records show, and settle the queue of their files, which are written already."""
    counts: defaultdict[store.counts.Key, list[int]] = defaultdict(lambda: [0, 0])
    sources = {}
    for event in events:
        record, source = event.data, _source(event)
        sources[record.customer_id] = source
        arrived = datetime.fromtimestamp(event.published_ms / 1000, UTC)
        identity = {field: getattr(record.identity, field) for field in IDENTITY} if record.identity else {}
        found = domain.judged(record.type, identity, record.gender, recorded_at=record.recorded_at, arrived_at=arrived)
        for judgement in found:
            count = counts[arrived.date(), source, judgement.attribute, judgement.dimension, event.partition]
            count[0] += 1
            count[1] += judgement.is_fault
    await store.add(tx.connection, {key: (seen, faults) for key, (seen, faults) in counts.items()})
    await store.settle(tx.connection, sources, tx.now)


def _source(event: Received[Any]) -> str:
    """Who told it, as CloudEvents name it; what is no plain word could be anything."""
    told = dict(event.raw.headers).get("ce_source", b"").decode("utf-8", "replace")
    return told if _SOURCE.fullmatch(told) and told != store.BOOK else _UNNAMED


async def count_book(transactions: Transactions) -> bool:
    """Count the state of all files where today's is not counted yet. False: no more to do."""
    async with transactions.begin() as tx:
        if await store.begin_day(tx.connection, tx.now.date()):
            await store.count_book(tx.connection, tx.now.date())
            await store.settle_book(tx.connection, tx.now)
    return False


async def claim_issue(tx: Transaction, issue_id: UUID, *, by: str) -> Issue:
    """Make an issue a steward's own. Raises IssueNotFound, IssueNotOpen."""
    issue = domain.claimed(await _issue(tx, issue_id), by=by, at=tx.now)
    await store.save(tx.connection, issue)
    return issue


async def resolve_issue(tx: Transaction, issue_id: UUID, outcome: Outcome, note: Note, *, by: str) -> Issue:
    """End an issue. Raises IssueNotFound, IssueNotOpen, IssueStands."""
    issue = await _issue(tx, issue_id)
    stands = await store.stands(tx.connection, issue)
    issue = domain.resolved(issue, outcome, note, stands=stands, by=by, at=tx.now)
    await store.save(tx.connection, issue)
    return issue


async def _issue(tx: Transaction, issue_id: UUID) -> Issue:
    issue = await store.find(tx.connection, issue_id)
    if issue is None:
        raise IssueNotFound
    return issue
