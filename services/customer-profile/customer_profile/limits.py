"""How often one caller may do what is noted: counted in the trail itself, so that all processes hold to one limit."""

import math
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

_MINUTE = timedelta(minutes=1)


class TooOften(Exception):
    """The caller has done this as often as one may in a minute. `wait`: whole seconds until it may go on."""

    def __init__(self, wait: int) -> None:
        super().__init__("As often as one caller may in a minute; Retry-After says when again")
        self.wait = wait


async def hold_to(
    connection: AsyncConnection,
    at_most: int,
    moments: ColumnElement[datetime],
    *trail: ColumnElement[bool],
    caller: str,
    now: datetime,
) -> None:
    """Raises TooOften where the rows of a trail show so many moments of the caller's last minute already.

    Until this transaction ends, another of the same caller waits here: it must count what this one notes. `moments`: of
    one act, one; `trail`: which rows are the caller's.
    """
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(caller, 0))))
    wanted = select(moments).where(*trail, moments > now - _MINUTE).distinct().order_by(moments.desc()).limit(at_most)
    latest: Any = (await connection.execute(wanted)).scalars().all()
    if len(latest) == at_most:
        raise TooOften(max(1, math.ceil((latest[-1] + _MINUTE - now).total_seconds())))
