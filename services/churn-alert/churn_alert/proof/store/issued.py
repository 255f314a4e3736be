"""What a back-test of the alerts really issued reads: each of them, and on which days everybody was active."""

from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime, tzinfo
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.proof.domain.verdict import Alarm
from churn_alert.proof.store.judging import WARNED_AT
from rapport.behaviour.active_days import ActiveDays
from rapport.database import fetch
from rapport.person.store import MERGED

_PAGE = 10_000
_ISSUED = f"""
SELECT a.customer_id, {WARNED_AT.format(is_stream_time="$1::boolean")} AS warned_at, a.probability, a.tier, a.stage,
    a.segment, a.severity, a.cause, a.model_version, a.arm
FROM alerts a JOIN alert_events e ON e.alert_id = a.alert_id AND e.number = 1
WHERE NOT EXISTS (SELECT FROM risks r WHERE r.customer_id = a.customer_id AND (r.consent_refused OR r.is_restricted))
ORDER BY a.opened_at, a.alert_id
"""  # noqa: S608 - our own words
_DAYS = f"""
SELECT r.customer_id, coalesce(merged.survivor, r.customer_id) AS person, r.active_days_from, r.active_days
FROM risks r LEFT JOIN {MERGED} merged ON merged.customer_id = r.customer_id
WHERE r.active_days_from IS NOT NULL AND NOT r.consent_refused AND NOT r.is_restricted AND r.customer_id > $1
ORDER BY r.customer_id LIMIT $2
"""  # noqa: S608 - our own words
_SEVERAL = f"SELECT merged.customer_id, merged.survivor FROM {MERGED} merged"  # noqa: S608 - our own words
_CLOCK = text("SELECT min(position) FROM stream_clocks")


class Book(NamedTuple):
    """Everybody's active days, by person, and the person of each file that is merged into another."""

    days: Mapping[str, ActiveDays]
    persons: Mapping[str, str]


async def issued(
    connection: AsyncConnection, persons: Mapping[str, str], zone: tzinfo, *, is_stream_time: bool
) -> list[Alarm]:
    """Every alert, on the person that the file is of now, as of the day on which staff could first know of it."""
    found = []
    for customer_id, warned_at, probability, tier, stage, segment, severity, cause, model, arm in await fetch(
        connection, _ISSUED, is_stream_time
    ):
        day = warned_at.astimezone(zone).date()
        known = {"tier": tier, "stage": stage, "segment": segment, "severity": severity, "cause": cause}
        known |= {"model": str(model), "arm": arm}
        of = {"month": f"{day:%Y-%m}"} | {name: value for name, value in known.items() if value is not None}
        found.append(Alarm(persons.get(customer_id, customer_id), day, probability, of))
    return found


async def book(connection: AsyncConnection) -> Book:
    """Of who has refused care or is restricted nothing is read: nobody could have warned of them."""
    days: dict[str, ActiveDays] = {}
    async for person, found in _pages(connection):
        days[person] = days[person].merge(found) if person in days else found
    return Book(days, {row["customer_id"]: row["survivor"] for row in await fetch(connection, _SEVERAL)})


async def _pages(connection: AsyncConnection) -> AsyncIterator[tuple[str, ActiveDays]]:
    after = ""
    while rows := await fetch(connection, _DAYS, after, _PAGE):
        for row in rows:
            yield row["person"], ActiveDays.from_bytes(row["active_days_from"], row["active_days"])
        after = rows[-1]["customer_id"]


async def furthest_whole(
    connection: AsyncConnection, zone: tzinfo, now: datetime, *, is_stream_time: bool
) -> date | None:
    """The first day of which not all is known: today, in stream time that of the partition that is furthest behind;
    None before the first event.
    """
    moment = (await connection.execute(_CLOCK)).scalar() if is_stream_time else now
    return None if moment is None else moment.astimezone(zone).date()


async def left_out(connection: AsyncConnection, erased: frozenset[str]) -> frozenset[str]:
    """Whom a replay says nothing of: who is destroyed, and persons of several files, which may lie apart."""
    rows = await fetch(connection, _SEVERAL)
    return erased | {file for row in rows for file in row.values()}
