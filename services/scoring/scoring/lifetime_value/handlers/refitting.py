"""A model is fitted on the book and stored as the next version, or refused and the former one stays."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncEngine

from rapport.behaviour.calibration import CalibrationRefused
from rapport.behaviour.fit import FitRefused
from rapport.behaviour.lifetime_value import Terms
from scoring.lifetime_value import store
from scoring.lifetime_value.domain.fitting import Book, fit
from scoring.lifetime_value.domain.model import LifetimeModel


class RefitRefused(Exception):
    """The book does not determine a model that should be used: the text says why, and the former one stays."""


async def refit(engine: AsyncEngine, book: Book, terms: Terms, step: Callable[[str], None]) -> LifetimeModel:
    """Fit the next version on the book, and store it. Raises RefitRefused; nothing is stored then."""
    try:
        fitted = fit(book, terms, step)
    except (FitRefused, CalibrationRefused) as refusal:
        raise RefitRefused(str(refusal)) from None
    async with engine.begin() as connection:
        return await store.keep(connection, fitted)
