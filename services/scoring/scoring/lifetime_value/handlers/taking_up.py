"""Every process takes up what is stored within ten seconds, without a restart. Apart from fitting: that needs scipy."""

from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.clock import utc_now
from scoring.lifetime_value import store
from scoring.lifetime_value.domain.model import LifetimeModels


async def take_up_fitted(models: LifetimeModels, connection: AsyncConnection, *, at_once: bool = False) -> None:
    """Know what is stored from here on, looked for when ten seconds are over or `at_once`."""
    began = utc_now()
    if not (at_once or models.is_outdated(began)):
        return
    models.take(await store.following(connection, models.latest.version if models.latest else 0))
    models.compared_at = began
