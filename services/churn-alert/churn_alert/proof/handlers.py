"""What proof does by itself: judge each alert and each occasion once its window is over."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import partial
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.playbook.domain.playbooks import MEASURES, Measure
from churn_alert.proof.domain.departure import Definition, departures
from churn_alert.proof.domain.uplift import Design
from churn_alert.proof.store.occasions import (
    Measured,
    Occasion,
    Use,
    keep_measured,
    ripe_occasions,
    uses_of,
    won_back,
)
from churn_alert.proof.store.outcomes import Outcome, Ripe, days_of, keep_outcomes, ripe
from rapport.behaviour.active_days import ActiveDays
from rapport.clock import utc_now
from rapport.messaging.offsets import stream_positions
from rapport.messaging.service import Service
from rapport.messaging.transaction import Transaction, Transactions
from rapport.succession import Succeeded

_PAGE = 500
R = TypeVar("R", Ripe, Occasion)
_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Measuring(Succeeded):
    """What is measured by: the definition of a departure, its version, the effect that is looked for, the calendar."""

    definition: Definition
    version: int
    design: Design
    zone: tzinfo


async def judge_alerts(transactions: Transactions, *, measure: Measuring) -> None:
    """Upkeep: judge the alerts whose window is over, each by the definition in force when staff could first know of it;
    a page at a time, and of customers who are busy, later."""
    for since, until, version in measure.periods():
        judge = partial(_judge_alerts, measure=version)
        await _judge(transactions, version, (since, until), ripe, lambda one: one.alert_id, judge)


async def _judge_alerts(tx: Transaction, page: Sequence[Ripe], *, measure: Measuring) -> None:
    if page:
        days = await days_of(tx.connection, {one.customer_id for one in page})
        found = [_outcome(one, days.get(one.customer_id), measure) for one in page]
        await keep_outcomes(tx.connection, found, definition=measure.version, judged_at=tx.now)


async def judge_occasions(transactions: Transactions, *, measure: Measuring) -> None:
    """Upkeep: measure what came of interventions that no alert began and that drew an arm, in the same way."""
    for since, until, version in measure.periods():
        judge = partial(_judge_occasions, measure=version)
        await _judge(transactions, version, (since, until), ripe_occasions, lambda one: one.intervention_id, judge)


async def _judge_occasions(tx: Transaction, page: Sequence[Occasion], *, measure: Measuring) -> None:
    if page:
        customers = {one.customer_id for one in page}
        days = await days_of(tx.connection, customers)
        uses = await uses_of(tx.connection, customers, {one.product for one in page if one.product})
        back = await won_back(tx.connection, customers)
        found = [
            Measured(
                one.intervention_id,
                asked,
                achieved(asked, one, days.get(one.customer_id), uses[one.customer_id], back[one.customer_id], measure),
            )
            for one in page
            if (asked := MEASURES.get(one.node)) is not None
        ]
        await keep_measured(tx.connection, found, definition=measure.version, judged_at=tx.now)


async def _judge(
    transactions: Transactions,
    measure: Measuring,
    of: tuple[datetime | None, datetime | None],
    ripe_of: Callable[..., Awaitable[list[R]]],
    key: Callable[[R], UUID],
    judge: Callable[[Transaction, Sequence[R]], Awaitable[None]],
) -> None:
    after: UUID | None = _FIRST
    while after is not None:
        async with transactions.begin() as tx:
            page = await ripe_of(
                tx.connection,
                measure.definition.window,
                since=of[0],
                until=of[1],
                now=tx.now,
                is_stream_time=transactions.service.is_stream_time,
                after=after,
                limit=_PAGE,
            )
            free = set(await tx.lock_free({one.customer_id for one in page}))
            await judge(tx, [one for one in page if one.customer_id in free])
        after = key(page[-1]) if len(page) == _PAGE else None


def _outcome(one: Ripe, days: ActiveDays | None, measure: Measuring) -> Outcome:
    day = one.warned_at.astimezone(measure.zone).date()
    return Outcome(one.alert_id, day, gone_on(days, day, measure.definition), silent_days(days, day))


def gone_on(days: ActiveDays | None, warned_on: date, definition: Definition) -> date | None:
    """The day from which who was warned of was gone; None: not within the window. Nothing after it is looked at."""
    if days is None:
        return None
    found = departures(days, definition, warned_on + definition.window + timedelta(days=1))
    return next((one.gone_on for one in found if one.is_told_by(warned_on, definition)), None)


def silent_days(days: ActiveDays | None, day: date) -> int | None:
    """How many whole days lie between this one and the last before it with own activity; None of who had none."""
    if days is None or day <= days.first:
        return None
    before = days.bits & ((1 << (day - days.first).days) - 1)
    return (day - days.first).days - before.bit_length()


def achieved(
    asked: Measure,
    one: Occasion,
    days: ActiveDays | None,
    uses: Sequence[Use],
    back: Sequence[datetime],
    measure: Measuring,
) -> bool:
    """Whether what is asked came about within the window; nothing after it is looked at."""
    begun, window = one.begun_at.astimezone(measure.zone).date(), measure.definition.window
    match asked:
        case "kept":
            return gone_on(days, begun, measure.definition) is None
        case "active":
            end = begun + window + timedelta(days=1)
            last = end - timedelta(days=measure.definition.ahead_days)
            return days is not None and days.count_between(last, end) > 0
        case "uses-product":
            return any(
                use.product == one.product and use.first_at < one.begun_at + window and use.last_at >= one.begun_at
                for use in uses
            )
        case "won-back":
            return any(one.begun_at < at <= one.begun_at + window for at in back)


async def as_of(connection: AsyncConnection, service: Service) -> datetime | None:
    """The moment figures are of: the system clock, in stream time how far the furthest partition has come, if any."""
    if not service.is_stream_time:
        return utc_now()
    return max((await stream_positions(connection)).values(), default=None)
