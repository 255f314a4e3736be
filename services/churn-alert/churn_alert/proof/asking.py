"""Which alerts may be asked about: of whole months that are over, of customers in sight."""

from datetime import UTC, date, datetime, tzinfo
from typing import Annotated, NamedTuple

from fastapi import Depends, Query

from churn_alert.proof.domain.disclosure import check_whole, month_begins
from churn_alert.proof.store.courses import Asked
from rapport.events.base import Time
from rapport.row_security import Sight

EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When nothing was opened yet."""


LATELY = 15
"""Months: a year of which all is judged, and the quarter before now that waits for that."""


class Period(NamedTuple):
    """Of the opening of the alerts; `until` is not included."""

    since: datetime | None
    until: datetime | None


def _period(
    opened_from: Annotated[
        Time | None, Query(description="Only what was opened at or after: the first midnight of a month, with a zone")
    ] = None,
    opened_to: Annotated[
        Time | None, Query(description="Only what was opened before: the same of another month")
    ] = None,
) -> Period:
    return Period(opened_from, opened_to)


OfPeriod = Annotated[Period, Depends(_period)]


def asked_of(period: Period, zone: tzinfo, at: datetime | None, sight: Sight, *, months: int | None = None) -> Asked:
    """The period as far as it is over. `at`: the moment figures are of; None before the first event. `months`: so many
    before its end where no beginning is asked for; None: all.

    Raises PeriodNotWhole.
    """
    check_whole("opened_from", period.since, zone)
    check_whole("opened_to", period.until, zone)
    over = month_begins((at or EVER).astimezone(zone).date(), zone)
    until = over if period.until is None else min(period.until, over)
    since = period.since
    if since is None and months is not None:
        since = month_begins(_before(until.astimezone(zone).date(), months), zone)
    return Asked(str(zone), since, until, sight)


def _before(day: date, months: int) -> date:
    """The first of the month so many before that of a day."""
    place = day.year * 12 + day.month - 1 - months
    return date(place // 12, place % 12 + 1, 1)
