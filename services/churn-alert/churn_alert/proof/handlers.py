"""What proof does by itself: judge alerts, occasions and warnings of the recency rule once their window is over."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.playbook.domain.playbooks import MEASURES
from churn_alert.proof.domain.departure import Definition
from churn_alert.proof.domain.outcome import Occasion, achieved, gone_on, paused, silent_days
from churn_alert.proof.domain.uplift import Design
from churn_alert.proof.store.judging import ALERTS, OCCASIONS, RECENCY, Kind, Ripe, keep, ripe
from churn_alert.proof.store.lived import alerts_of, days_of, uses_of, won_back
from rapport.clock import utc_now
from rapport.messaging.offsets import stream_positions
from rapport.messaging.service import Service
from rapport.messaging.transaction import Transaction, Transactions
from rapport.succession import Succeeded

_PAGE = 500
_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Measuring(Succeeded):
    """What is measured by: the definition of a departure, its version, the effect that is looked for, the calendar.

    `recency_days`: after so many days without own activity the rule warns that alerts are set beside.
    """

    definition: Definition
    version: int
    design: Design
    zone: tzinfo
    recency_days: int


async def judge_alerts(transactions: Transactions, *, measure: Measuring) -> None:
    """Upkeep: judge the alerts whose window is over, each by the definition in force when staff could first know of it;
    a page at a time, and of customers who are busy, later."""
    await _judge(transactions, measure, ALERTS, _of_alerts)


async def judge_occasions(transactions: Transactions, *, measure: Measuring) -> None:
    """Upkeep: measure what came of interventions that no alert began and that drew an arm, in the same way."""
    await _judge(transactions, measure, OCCASIONS, _of_occasions)


async def judge_recency(transactions: Transactions, *, measure: Measuring) -> None:
    """Upkeep: judge the warnings of the recency rule in the same way."""
    await _judge(transactions, measure, RECENCY, _of_recency)


async def _judge(
    transactions: Transactions,
    measure: Measuring,
    kind: Kind,
    came_of: Callable[[Transaction, Sequence[Ripe], Measuring], Awaitable[list[tuple[Any, ...]]]],
) -> None:
    for since, until, version in measure.periods():
        after: UUID | None = _FIRST
        while after is not None:
            async with transactions.begin() as tx:
                page = await ripe(
                    tx.connection,
                    kind,
                    version.definition.window,
                    between=(since, until),
                    now=tx.now,
                    is_stream_time=transactions.service.is_stream_time,
                    after=after,
                    limit=_PAGE,
                )
                free = set(await tx.lock_free({one.customer_id for one in page if not one.is_left_alone}))
                those = [one for one in page if one.customer_id in free]
                found = await came_of(tx, those, version) if those else []
                await keep(tx.connection, kind, found, definition=version.version, judged_at=tx.now)
            after = page[-1].key if len(page) == _PAGE else None


async def _of_alerts(tx: Transaction, page: Sequence[Ripe], measure: Measuring) -> list[tuple[Any, ...]]:
    days = await days_of(tx.connection, {one.customer_id for one in page})
    found = []
    for one in page:
        day, active = one.begun_at.astimezone(measure.zone).date(), days.get(one.customer_id)
        found.append((one.key, day, gone_on(active, day, measure.definition), silent_days(active, day)))
    return found


async def _of_occasions(tx: Transaction, page: Sequence[Ripe], measure: Measuring) -> list[tuple[Any, ...]]:
    occasions = [Occasion(one.key, one.customer_id, one.of[0], one.of[1], one.begun_at) for one in page]
    customers = {one.customer_id for one in page}
    days = await days_of(tx.connection, customers)
    uses = await uses_of(tx.connection, customers, {one.product for one in occasions if one.product})
    back = await won_back(tx.connection, customers)

    def came_about(one: Occasion, asked: Any) -> bool:
        who = one.customer_id
        return achieved(asked, one, days.get(who), uses[who], back[who], measure.definition, measure.zone)

    asked = [(one, MEASURES.get(one.node)) for one in occasions]
    return [(one.intervention_id, what, came_about(one, what)) for one, what in asked if what is not None]


async def _of_recency(tx: Transaction, page: Sequence[Ripe], measure: Measuring) -> list[tuple[Any, ...]]:
    customers = {one.customer_id for one in page}
    days = await days_of(tx.connection, customers)
    is_stream_time = tx.service.is_stream_time
    alerts = await alerts_of(tx.connection, customers, measure.zone, is_stream_time=is_stream_time)
    found = []
    for one in page:
        (after,), day = one.of, one.begun_at.astimezone(measure.zone).date()
        active, told = days.get(one.customer_id), alerts[one.customer_id]
        found.append((one.key, *paused(active, after, day, told, measure.definition)))
    return found


async def as_of(connection: AsyncConnection, service: Service) -> datetime | None:
    """The moment figures are of: the system clock, in stream time how far the furthest partition has come, if any."""
    if not service.is_stream_time:
        return utc_now()
    return max((await stream_positions(connection)).values(), default=None)
