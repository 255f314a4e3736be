"""What people do about an alert: take it up, let it rest, hand it on, close it. What silence brought is first."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from churn_alert.alert.alerting import Alerting
from churn_alert.alert.domain.lifecycle import (
    Alert,
    AlertNotFound,
    Change,
)
from churn_alert.alert.domain.steps import acknowledge, close, reassign, snooze
from churn_alert.alert.handlers import Changes
from churn_alert.alert.store.alerts import find
from churn_alert.staff import check_assignee
from rapport.messaging.transaction import Transaction

LetRest = Callable[..., Awaitable[None]]
"""`let_rest(tx, customer_id, at, rearmed=…)`: the risk may not cross upwards again for a while."""


class Act(NamedTuple):
    """Of one person on one alert, whose customer is held. `is_bound`: by the unit, as a lead is."""

    alert_id: UUID
    by: str
    alerting: Alerting
    is_bound: bool = False


async def acknowledge_alert(tx: Transaction, act: Act) -> Alert:
    """Somebody takes it up. Raises what `acknowledge` raises, and AlertNotFound."""
    return await _done(tx, act, lambda alert, now: acknowledge(alert, now, act.by, act.alerting.policy))


async def take_up(tx: Transaction, act: Act) -> None:
    """Acknowledge it, unless somebody has or it is closed: whoever works on what an alert began is at the alert. Raises
    AlertNotFound."""
    alert = await _found(tx, act)
    changes, now = Changes(tx, act.alerting), tx.clock_of(alert.customer_id)
    alert = changes.lived(alert, now)
    if alert.status == "opened":
        changes.note(acknowledge(alert, now, act.by, act.alerting.policy), cause=None)
    await changes.save()


async def snooze_alert(tx: Transaction, act: Act, until: datetime) -> Alert:
    """Somebody lets it rest. Raises what `snooze` raises, and AlertNotFound."""
    return await _done(tx, act, lambda alert, now: snooze(alert, until, now, act.by, act.alerting.policy))


async def reassign_alert(tx: Transaction, act: Act, owner: str) -> Alert:
    """Somebody hands it to another employee. Raises what `reassign` and `check_assignee` raise, and AlertNotFound."""
    alert = await _found(tx, act)
    changes, now = Changes(tx, act.alerting), tx.clock_of(alert.customer_id)
    change = reassign(changes.lived(alert, now), owner, now, act.by)
    await check_assignee(tx.connection, to=owner, by=act.by, is_bound=act.is_bound)
    return await _noted(changes, change)


async def close_alert(
    tx: Transaction,
    act: Act,
    outcome: Literal["retained", "lost", "false-alarm"],
    *,
    outcome_at: datetime | None,
    let_rest: LetRest,
) -> Alert:
    """Somebody closes it. The customer is left in peace for a while; one said to be retained is judged again then.
    Raises what `close` raises, and AlertNotFound."""
    closed = await _done(tx, act, lambda alert, now: close(alert, now, outcome, act.by, outcome_at=outcome_at))
    assert closed.closed_at is not None
    await let_rest(tx, closed.customer_id, closed.closed_at, rearmed=outcome == "retained")
    return closed


async def _done(tx: Transaction, act: Act, step: Callable[[Alert, datetime], Change]) -> Alert:
    alert = await _found(tx, act)
    changes, now = Changes(tx, act.alerting), tx.clock_of(alert.customer_id)
    return await _noted(changes, step(changes.lived(alert, now), now))


async def _found(tx: Transaction, act: Act) -> Alert:
    alert = await find(tx.connection, act.alert_id)
    if alert is None:
        raise AlertNotFound
    return alert


async def _noted(changes: Changes, change: Change) -> Alert:
    alert = changes.note(change, cause=None)
    await changes.save()
    return alert
