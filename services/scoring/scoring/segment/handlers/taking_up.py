"""Every process takes up what is stored within ten seconds, without a restart. Apart from fitting: that needs more."""

from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.clock import utc_now
from scoring.segment import store
from scoring.segment.domain.model import SegmentModels


async def take_up_segments(models: SegmentModels, connection: AsyncConnection, *, at_once: bool = False) -> None:
    """Know the latest that is stored from here on, looked for when ten seconds are over or `at_once`."""
    began = utc_now()
    if not (at_once or models.is_outdated(began)):
        return
    models.latest = await store.latest(connection)
    models.compared_at = began
