"""Every process takes up what is stored within ten seconds, without a restart. Apart from fitting: that needs scipy."""

from time import monotonic

from sqlalchemy.ext.asyncio import AsyncConnection

from scoring.lifetime_value import store
from scoring.lifetime_value.domain.model import LifetimeModels

TAKEN_UP_WITHIN = 10.0
"""Seconds, as for scorecards."""


def is_outdated(models: LifetimeModels) -> bool:
    """Is it time to look for new versions?"""
    return monotonic() - models.compared_at > TAKEN_UP_WITHIN


async def take_up_fitted(models: LifetimeModels, connection: AsyncConnection, *, at_once: bool = False) -> None:
    """Know what is stored from here on, looked for when ten seconds are over or `at_once`."""
    if not (at_once or is_outdated(models)):
        return
    began = monotonic()
    models.take(await store.following(connection, models.latest.version if models.latest else 0))
    models.compared_at = began
