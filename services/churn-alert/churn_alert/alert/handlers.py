"""What becomes of alerts: opened and closed by crossings of the risk, taken up and closed by people."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from churn_alert.alert import store
from churn_alert.alert.domain.lifecycle import (
    Alert,
    AlertNotFound,
    Change,
    acknowledge,
    close,
    opened_on,
    risk_fell,
    risk_rose,
)
from churn_alert.risk.domain.crossing import ToldCrossing
from rapport.events.base import AnyReceived
from rapport.events.churn_alert import ChurnAlertChanged
from rapport.ids import derived_id
from rapport.messaging.transaction import Transaction

LetRest = Callable[..., Awaitable[None]]
"""`let_rest(tx, customer_id, at, rearmed=…)`: the risk may not cross upwards again for a while."""


async def follow_crossings(tx: Transaction, told: Sequence[ToldCrossing]) -> None:
    """Open, close or note, crossing by crossing: at most one alert of a customer is open."""
    open_now = await store.open_alerts(tx.connection, {one.crossing.customer_id for one in told})
    changes: list[Change] = []
    for one in told:
        customer_id = one.crossing.customer_id
        change = _following(open_now.get(customer_id), one)
        if change is None:
            continue
        changes.append(change)
        tell(tx, change, cause=one.cause)
        if change[0].status == "closed":
            del open_now[customer_id]
        else:
            open_now[customer_id] = change[0]
    await store.save(tx.connection, changes, known_at=tx.now)


def _following(alert: Alert | None, told: ToldCrossing) -> Change | None:
    match told.crossing.direction, alert:
        case "up", None:
            # The id follows from the crossing's: derived again, it is the same alert.
            return opened_on(told, derived_id(told.crossing.at, "alert", told.crossing_id))
        case "up", Alert():
            return risk_rose(alert, told.crossing.at)
        case "down", Alert():
            return risk_fell(alert, told.crossing.at)
    return None


async def acknowledge_alert(tx: Transaction, alert_id: UUID, *, by: str) -> Alert:
    """Somebody takes it up. Raises what `acknowledge` raises, and AlertNotFound."""
    alert = await _found(tx, alert_id)
    return await _changed(tx, acknowledge(alert, tx.clock_of(alert.customer_id), by))


async def close_alert(
    tx: Transaction,
    alert_id: UUID,
    outcome: Literal["retained", "lost", "false-alarm"],
    *,
    by: str,
    let_rest: LetRest,
) -> Alert:
    """Somebody closes it. The customer is left in peace for a while; one said to be retained is judged again then."""
    alert = await _found(tx, alert_id)
    closed = await _changed(tx, close(alert, tx.clock_of(alert.customer_id), outcome, by))
    await let_rest(tx, closed.customer_id, _closing_of(closed), rearmed=outcome == "retained")
    return closed


def _closing_of(alert: Alert) -> datetime:
    assert alert.closed_at is not None
    return alert.closed_at


async def _found(tx: Transaction, alert_id: UUID) -> Alert:
    alert = await store.find(tx.connection, alert_id)
    if alert is None:
        raise AlertNotFound
    return alert


async def _changed(tx: Transaction, change: Change) -> Alert:
    await store.save(tx.connection, [change], known_at=tx.now)
    tell(tx, change, cause=None)
    return change[0]


def tell(tx: Transaction, change: Change, *, cause: AnyReceived | str | None, merged_into: str | None = None) -> None:
    """Tell what became of an alert; one that a merge closed names the file by which the customer is known now.

    An outcome that readers of before do not know is told beside `outcome`, which they would refuse.
    """
    alert, event = change
    if event.step in ("risk-fell", "risk-rose"):
        return
    match alert.outcome:
        case "merged" | "consent-refused" | "restricted":
            outcome = None
        case outcome:
            pass
    fact = ChurnAlertChanged(
        customer_id=alert.customer_id,
        alert_id=str(alert.alert_id),
        status=alert.status,
        outcome=outcome,
        merged_into=merged_into,
        consent_refused=alert.outcome == "consent-refused",
        restricted=alert.outcome == "restricted",
        changed_at=event.at,
    )
    tx.tell(fact, time=event.at, cause=cause)
