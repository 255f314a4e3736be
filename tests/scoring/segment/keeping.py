"""Customers and models of segments in the database of a service under test."""

from collections.abc import Iterable
from math import log

from sqlalchemy.ext.asyncio import AsyncEngine

from rapport.behaviour.decay import DecayedSums
from rapport.messaging.partitions import partition_of
from scoring.segment.domain.model import Fitted, SegmentModel
from scoring.segment.store import keep, latest
from scoring.standing.domain.assets import Valuation
from scoring.standing.domain.holdings import Holdings, ProductsOfKind
from scoring.standing.domain.state import SUMS, Standing
from scoring.standing.store.standings import save
from tests.scoring.lifetime_value.banks import every
from tests.scoring.segment.banks import NOW, Customer


def standing_of(one: Customer) -> Standing:
    """A standing of which, at NOW, is known what is known of this customer."""
    values, days = one.values, round(one.values.active_days)
    moved = values.turnover * 90 / (60 * log(2))  # in and out alike, which leaves the average balance alone
    held = {"wealth": ProductsOfKind(round(values.products) - bool(one.loans_minor), round(values.investments))}
    if one.loans_minor:
        held["loan"] = ProductsOfKind(1, one.loans_minor)
    return Standing(
        one.customer_id,
        opening_minor=round(values.average_balance),
        sums=DecayedSums.nothing(len(SUMS)).add(NOW, moved, moved, days, 0, 0),
        active_days=every(1, days) if days else None,
        holdings=Holdings(held, 1, NOW, valuations=(Valuation(NOW.toordinal(), 1, held["wealth"].minor),)),
        tier="low",
        tier_since=NOW,
        decided_at=NOW,
        due_at=NOW,
    )


async def keep_customers(engine: AsyncEngine, everybody: Iterable[Customer]) -> None:
    """Their standings, decided once and never due."""
    async with engine.begin() as connection:
        rows = [standing_of(one) for one in everybody]
        await save(connection, rows, partition_of=lambda name: partition_of(name, 24))


async def keep_model(engine: AsyncEngine, fitted: Fitted) -> SegmentModel:
    """The next version, made just now."""
    async with engine.begin() as connection:
        known = await latest(connection)
        return await keep(connection, fitted, after=known.version if known else 0)
