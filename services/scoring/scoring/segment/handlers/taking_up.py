"""Every process takes up what is stored within ten seconds, without a restart. Apart from fitting: that needs more."""

from time import monotonic

from sqlalchemy.ext.asyncio import AsyncConnection

from scoring.segment import store
from scoring.segment.domain.model import SegmentModels

TAKEN_UP_WITHIN = 10.0
"""Seconds, as for scorecards."""


def is_outdated(models: SegmentModels) -> bool:
    """Is it time to look for a new version?"""
    return monotonic() - models.compared_at > TAKEN_UP_WITHIN


async def take_up_segments(models: SegmentModels, connection: AsyncConnection, *, at_once: bool = False) -> None:
    """Know the latest that is stored from here on, looked for when ten seconds are over or `at_once`."""
    if not (at_once or is_outdated(models)):
        return
    began = monotonic()
    models.latest = await store.latest(connection)
    models.compared_at = began
