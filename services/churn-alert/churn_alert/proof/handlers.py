"""What proof does: judge each alert once its window is over, and read what the figures come to."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.proof.domain.departure import Definition, departures
from churn_alert.proof.domain.survival import Stay, Step, kaplan_meier, log_rank
from churn_alert.proof.domain.uplift import Arm, Design, Uplift, uplift
from churn_alert.proof.store import figures
from churn_alert.proof.store.outcomes import Outcome, days_of, keep_outcomes, ripe
from rapport.behaviour.active_days import ActiveDays
from rapport.clock import utc_now
from rapport.messaging.locks import lock_free_customers
from rapport.messaging.offsets import stream_positions
from rapport.messaging.service import Service
from rapport.messaging.transaction import Transactions
from rapport.row_security import Sight
from rapport.succession import Succeeded

HeldOutShare = Callable[[str, int], float | None]
"""Which share a version of a playbook means to hold out; None where it is no longer written."""
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Measure(Succeeded):
    """What is measured by: the definition of a departure, its version, the effect that is looked for, the calendar."""

    definition: Definition
    version: int
    design: Design
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Experiment:
    """A version of a playbook: what it does, and how long its customers stay, by arm, within the window."""

    playbook: str
    version: int
    uplift: Uplift
    treated: Sequence[Step]
    held_out: Sequence[Step]


async def judge_alerts(transactions: Transactions, *, measure: Measure) -> None:
    """Upkeep: judge the alerts whose window is over, each by the definition in force when staff could first know of it;
    a page at a time, and of customers who are busy, later."""
    for since, until, version in measure.periods():
        await _judge(transactions, version, since, until)


async def _judge(transactions: Transactions, measure: Measure, since: datetime | None, until: datetime | None) -> None:
    service, is_going_on = transactions.service, True
    while is_going_on:
        async with transactions.begin() as tx:
            page = await ripe(
                tx.connection,
                measure.definition.window,
                since=since,
                until=until,
                now=tx.now,
                is_stream_time=service.is_stream_time,
                limit=_PAGE,
            )
            free = set(await lock_free_customers(tx.connection, {one.customer_id for one in page}))
            days = await days_of(tx.connection, free)
            found = [
                Outcome(one.alert_id, day, gone_on(days.get(one.customer_id), day, measure.definition))
                for one in page
                if one.customer_id in free
                for day in (one.warned_at.astimezone(measure.zone).date(),)
            ]
            await keep_outcomes(tx.connection, found, definition=measure.version, judged_at=tx.now)
        is_going_on = len(found) == _PAGE


def gone_on(days: ActiveDays | None, warned_on: date, definition: Definition) -> date | None:
    """The day from which who was warned of was gone; None: not within the window. Nothing after it is looked at."""
    if days is None:
        return None
    found = departures(days, definition, warned_on + definition.window + timedelta(days=1))
    return next((one.gone_on for one in found if one.is_told_by(warned_on, definition)), None)


async def experiments(
    connection: AsyncConnection,
    *,
    measure: Measure,
    held_out_share: HeldOutShare,
    since: datetime | None,
    until: datetime | None,
    sight: Sight,
) -> list[Experiment]:
    """Of each version of a playbook that draws arms, by name and version."""
    cells: dict[tuple[str, int], list[figures.Course]] = {}
    for one in await figures.courses(connection, since=since, until=until, sight=sight):
        cells.setdefault((one.playbook, one.version), []).append(one)
    return [_experiment(*key, cells[key], measure, held_out_share(*key)) for key in sorted(cells)]


def _experiment(
    playbook: str, version: int, cells: Sequence[figures.Course], measure: Measure, held_out_share: float | None
) -> Experiment:
    window = measure.definition.window.days
    treated = [one for one in cells if one.arm == "treated"]
    held_out = [one for one in cells if one.arm == "held-out"]
    stays = _stays(treated, window), _stays(held_out, window)
    found = uplift(
        _arm(treated), _arm(held_out), measure.design, held_out_share=held_out_share, survival=log_rank(*stays)
    )
    return Experiment(playbook, version, found, *(kaplan_meier(those) for those in stays))


def _arm(cells: Sequence[figures.Course]) -> Arm:
    judged = [one for one in cells if one.is_judged]
    return Arm(
        drawn=sum(one.customers for one in cells),
        judged=sum(one.customers for one in judged),
        stayed=sum(one.customers for one in judged if one.lead_days is None),
    )


def _stays(cells: Sequence[figures.Course], window: int) -> Counter[Stay]:
    """Of who is judged: all of them were watched for the window, so nobody falls out of it earlier."""
    stays = Counter[Stay]()
    for one in (one for one in cells if one.is_judged):
        is_gone = one.lead_days is not None
        stays[Stay(max(one.lead_days or 0, 0) if is_gone else window, is_gone)] += one.customers
    return stays


async def as_of(connection: AsyncConnection, service: Service) -> datetime | None:
    """The moment figures are of: the system clock, in stream time how far the furthest partition has come, if any."""
    if not service.is_stream_time:
        return utc_now()
    return max((await stream_positions(connection)).values(), default=None)
