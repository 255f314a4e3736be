"""Keeps the copy of customers' groups, and counts tiers and falls by them after every snapshot of the book."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.events.base import Received
from rapport.events.customer_profile import CustomerProfiled
from rapport.messaging.transaction import Transaction, Transactions
from rapport.telemetry.metrics import Figures
from scoring.fairness import store
from scoring.fairness.domain import UNKNOWN, Finding, findings
from scoring.fairness.store import Counting
from scoring.scorecard.handlers import take_up_approved
from scoring.standing.domain.rules import Rules


async def on_profiles_for_groups(tx: Transaction, events: Sequence[Received[CustomerProfiled]]) -> None:
    """Nobody's tier follows from it: a group is only counted."""
    newest: dict[str, dict[str, Any]] = {}
    for event in events:
        told = event.data
        known = newest.get(told.customer_id)
        if known is None or known["revision"] < told.revision:
            newest[told.customer_id] = {
                "customer_id": told.customer_id,
                "age_band": told.age_band,
                "gender": told.gender,
                "region": told.region or UNKNOWN,
                "status": told.status,
                "revision": told.revision,
            }
    await store.save_groups(tx.connection, list(newest.values()))


async def count_groups(transactions: Transactions, *, rules: Rules) -> bool:
    """Count every group once for the latest snapshot of the book. False: there is nothing more to count."""
    async with transactions.begin() as tx:
        snapshot = await store.uncounted(tx.connection)
        if snapshot is None:
            return False
        await take_up_approved(rules.cards, tx.connection)
        version, due_at = snapshot
        card = next(card for card in rules.cards.cards if card.version == version)
        groups = await store.count(tx.connection, until=due_at)
        await store.keep(tx.connection, Counting(version, due_at, card.thresholds.tiers[-1]), groups)
    return bool(groups)


async def latest_findings(connection: AsyncConnection) -> tuple[Counting, list[Finding]] | None:
    """What was counted last and what it says; None before the first count."""
    found = await store.latest(connection)
    return found and (found[0], findings(found[1], found[0].top_tier))


async def latest_selection_rates(connection: AsyncConnection) -> Mapping[tuple[str, ...], float]:
    """The selection rate of every group that is large enough, by attribute and name: for Prometheus."""
    found = await latest_findings(connection)
    said = found[1] if found else []
    return {(one.group.attribute, one.group.name): one.selection.value for one in said if one.selection}


SELECTION_RATES = Figures(
    "rapport_scoring_selection_rate", "Share in the top tier", ("attribute", "group"), latest_selection_rates
)
