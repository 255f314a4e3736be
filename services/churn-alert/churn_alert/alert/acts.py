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
    OwnerNotActive,
    OwnerOfOtherUnit,
)
from churn_alert.alert.domain.steps import acknowledge, close, reassign, snooze
from churn_alert.alert.handlers import Changes
from churn_alert.alert.store.alerts import find
from churn_alert.tables import employees
from rapport.messaging.transaction import Transaction
from rapport.sight.store import staff_of

LetRest = Callable[..., Awaitable[None]]
"""`let_rest(tx, customer_id, at, rearmed=…)`: the risk may not cross upwards again for a while."""
_LOOK_AFTER = frozenset({"rm", "team_lead"})
"""Who looks after customers, by the role in which the bank employs them."""


class Act(NamedTuple):
    """Of one person on one alert, whose customer is held. `is_bound`: by the unit, as a lead is."""

    alert_id: UUID
    by: str
    alerting: Alerting
    is_bound: bool = False


async def acknowledge_alert(tx: Transaction, act: Act) -> Alert:
    """Somebody takes it up. Raises what `acknowledge` raises, and AlertNotFound."""
    return await _done(tx, act, lambda alert, now: acknowledge(alert, now, act.by, act.alerting.policy))


async def snooze_alert(tx: Transaction, act: Act, until: datetime) -> Alert:
    """Somebody lets it rest. Raises what `snooze` raises, and AlertNotFound."""
    return await _done(tx, act, lambda alert, now: snooze(alert, until, now, act.by, act.alerting.policy))


async def reassign_alert(tx: Transaction, act: Act, owner: str) -> Alert:
    """Somebody hands it to another employee. Raises what `reassign` raises, AlertNotFound, OwnerNotActive, and
    OwnerOfOtherUnit where who asks is bound by the unit."""
    staff = await staff_of(tx.connection, employees, {owner, act.by})

    def handed(alert: Alert, now: datetime) -> Change:
        change, found = reassign(alert, owner, now, act.by), staff.get(owner)
        if found is None or not found["active"] or found["role"] not in _LOOK_AFTER:
            raise OwnerNotActive("`owner` must be a manager or team lead who works here now")
        if act.is_bound and (act.by not in staff or staff[act.by]["unit"] != found["unit"]):
            raise OwnerOfOtherUnit("`owner` must work in your unit; compliance may hand it to another")
        return change

    return await _done(tx, act, handed)


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
    alert = await find(tx.connection, act.alert_id)
    if alert is None:
        raise AlertNotFound
    changes, now = Changes(tx, act.alerting), tx.clock_of(alert.customer_id)
    alert = changes.note(step(changes.lived(alert, now), now), cause=None)
    await changes.save()
    return alert
