"""Customers and models in the database of a service under test."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from rapport.messaging.partitions import partition_of
from scoring.lifetime_value.domain.model import Activity, Fitted, LifetimeModel
from scoring.lifetime_value.store import keep, lifetime_models
from scoring.standing.domain.state import Standing
from scoring.standing.store.standings import save
from tests.scoring.lifetime_value.banks import FITTED, NOW


async def keep_customers(engine: AsyncEngine, everybody: Mapping[str, Activity]) -> None:
    """Standings of which only the activity matters, decided once and never due."""
    rows = [
        Standing(
            name, active_days=one.days, own_minor=one.minor, tier="low", tier_since=NOW, decided_at=NOW, due_at=NOW
        )
        for name, one in everybody.items()
    ]
    async with engine.begin() as connection:
        await save(connection, rows, partition_of=lambda name: partition_of(name, 24))


async def keep_model(engine: AsyncEngine, *, calibration: float = 0.97) -> LifetimeModel:
    """The next version, made just now."""
    async with engine.begin() as connection:
        return await keep(connection, replace(FITTED, terms=replace(FITTED.terms, calibration=calibration)))


async def keep_model_of(engine: AsyncEngine, made_at: datetime) -> None:
    """A first version that was made at this moment."""
    document = TypeAdapter(Fitted).dump_python(FITTED, mode="json")
    async with engine.begin() as connection:
        await connection.execute(insert(lifetime_models).values(version=1, document=document, made_at=made_at))
