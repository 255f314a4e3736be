"""A model is fitted on the book and stored as the next version, or refused and the former one stays."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncEngine

from scoring.segment import store
from scoring.segment.domain.fitting import Book, ClusteringRefused, fit
from scoring.segment.domain.model import SegmentModel


class RefitRefused(Exception):
    """There are no segments that should be used: the text says why, and the former ones stay."""


async def refit(
    engine: AsyncEngine, book: Book, former: SegmentModel | None, step: Callable[[str], None]
) -> SegmentModel:
    """Fit the version that follows `former` on the book, and store it. Raises RefitRefused; nothing is stored then."""
    try:
        fitted = fit(book, former.fitted if former else None, step)
        async with engine.begin() as connection:
            return await store.keep(connection, fitted, after=former.version if former else 0)
    except ClusteringRefused as refusal:
        raise RefitRefused(str(refusal)) from None
    except store.OvertakenByAnother:
        raise RefitRefused("another refit was stored meanwhile: look at it, and run this one again") from None
