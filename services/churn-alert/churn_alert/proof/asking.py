"""Which alerts may be asked about: of whole months that are over, of customers in sight."""

from datetime import UTC, datetime, tzinfo
from typing import Annotated, NamedTuple

from fastapi import Depends, Query

from churn_alert.proof.domain.disclosure import check_whole, month_begins
from churn_alert.proof.store.courses import Asked
from rapport.events.base import Time
from rapport.row_security import Sight

EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When nothing was opened yet."""


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


def asked_of(period: Period, zone: tzinfo, at: datetime | None, sight: Sight) -> Asked:
    """The period as far as it is over. `at`: the moment figures are of; None before the first event.

    Raises PeriodNotWhole.
    """
    check_whole("opened_from", period.since, zone)
    check_whole("opened_to", period.until, zone)
    over = month_begins((at or EVER).astimezone(zone).date(), zone)
    return Asked(str(zone), period.since, over if period.until is None else min(period.until, over), sight)
