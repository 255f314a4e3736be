"""What judging reads of persons, on all files of each: on which days they were active, what they used, and so on."""

from collections.abc import Collection
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.proof.domain.outcome import Opened, Use
from churn_alert.proof.store.judging import WARNED_AT
from churn_alert.risk.store.risks import risks
from rapport.behaviour.active_days import ActiveDays
from rapport.database import fetch
from rapport.person.store import persons_of

_DAYS = select(risks.c.customer_id, risks.c.active_days_from, risks.c.active_days).where(
    risks.c.customer_id == any_(bindparam("ids", type_=ARRAY(Text))), risks.c.active_days_from.is_not(None)
)
_USES = """
SELECT customer_id, product, first_at, last_at FROM behaviour_tallies
WHERE customer_id = ANY($1::text[]) AND product = ANY($2::text[]) AND stream <> 'automatic'
"""
_WON_BACK = """
SELECT customer_id, happened_at FROM lifecycle_transitions WHERE customer_id = ANY($1::text[]) AND previous = 'lost'
"""
_ALERTS = f"""
SELECT a.customer_id, {WARNED_AT.format(is_stream_time="$2::boolean")} AS warned_at, a.arm
FROM alerts a JOIN alert_events e ON e.alert_id = a.alert_id AND e.number = 1
WHERE a.customer_id = ANY($1::text[])
"""  # noqa: S608 - our own words


async def days_of(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, ActiveDays]:
    """On which days each of these files' persons was active, on all files together; who never was is left out."""
    persons = await persons_of(connection, customer_ids)
    files = {file: survivor for survivor, those in persons.items() for file in those}
    rows = (await connection.execute(_DAYS, {"ids": sorted(files)})).all()
    together: dict[str, ActiveDays] = {}
    for file, first, bits in rows:
        days, survivor = ActiveDays.from_bytes(first, bits), files[file]
        together[survivor] = together[survivor].merge(days) if survivor in together else days
    return {file: together[files[file]] for file in customer_ids if files.get(file) in together}


async def uses_of(
    connection: AsyncConnection, customer_ids: Collection[str], products: Collection[str]
) -> dict[str, list[Use]]:
    """How each of these files' persons used these products of their own, on any file."""
    rows, files = await _of_persons(connection, _USES, customer_ids, sorted(products))
    return {one: [Use(*row[1:]) for file in files[one] for row in rows.get(file, ())] for one in files}


async def won_back(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, list[datetime]]:
    """When each of these files' persons left the stage of the lost."""
    rows, files = await _of_persons(connection, _WON_BACK, customer_ids)
    return {one: [row[1] for file in files[one] for row in rows.get(file, ())] for one in files}


async def alerts_of(
    connection: AsyncConnection, customer_ids: Collection[str], zone: tzinfo, *, is_stream_time: bool
) -> dict[str, list[Opened]]:
    """The alerts of each of these files' persons, the first first."""
    rows, files = await _of_persons(connection, _ALERTS, customer_ids, is_stream_time)
    return {
        one: [
            Opened(at.astimezone(zone).date(), arm)
            for _, at, arm in sorted((row for file in files[one] for row in rows.get(file, ())), key=lambda row: row[1])
        ]
        for one in files
    }


async def _of_persons(
    connection: AsyncConnection, statement: str, customer_ids: Collection[str], *values: Any
) -> tuple[dict[str, list[Any]], dict[str, tuple[str, ...]]]:
    """Rows by file, and of each of the customers all files of the person."""
    persons = await persons_of(connection, customer_ids) if customer_ids else {}
    of_file = {file: those for those in persons.values() for file in those}
    rows: dict[str, list[Any]] = {}
    for row in await fetch(connection, statement, sorted(of_file), *values) if of_file else ():
        rows.setdefault(row["customer_id"], []).append(row)
    return rows, {one: of_file[one] for one in customer_ids}
