"""The band of a customer's age, of which only the year of birth is known."""

from datetime import UTC, datetime
from typing import Literal

AgeBand = Literal["under-18", "18-29", "30-44", "45-59", "60-plus", "unknown"]
_BANDS: tuple[tuple[int, AgeBand], ...] = ((60, "60-plus"), (45, "45-59"), (30, "30-44"), (18, "18-29"))


def age_band_of(birth_year: int | None, at: datetime) -> AgeBand:
    """The band of the age reached in the year of `at`: of a birthday only the year is known."""
    if birth_year is None:
        return "unknown"
    age = at.astimezone(UTC).year - birth_year
    return next((band for lowest, band in _BANDS if age >= lowest), "under-18")


def next_age_band_at(birth_year: int | None, at: datetime) -> datetime | None:
    """The first moment after `at` at which the band is another; None when it never is."""
    if birth_year is None:
        return None
    years = [birth_year + lowest for lowest, _ in reversed(_BANDS)]
    return next((datetime(year, 1, 1, tzinfo=UTC) for year in years if year > at.astimezone(UTC).year), None)
