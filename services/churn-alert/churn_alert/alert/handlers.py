"""What becomes of alerts: opened and closed by crossings of the risk, taken up and closed by people."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from churn_alert.alert.alerting import Alerting
from churn_alert.alert.domain.lifecycle import (
    Alert,
    AlertNotFound,
    Change,
    Known,
    acknowledge,
    close,
    opened_on,
    risk_fell,
    risk_rose,
)
from churn_alert.alert.facts import fact_of
from churn_alert.alert.store.alerts import find, open_alerts, save
from churn_alert.risk.domain.crossing import ToldCrossing
from churn_alert.tables import customer_managers, tiers
from rapport.events.base import AnyReceived
from rapport.ids import derived_id
from rapport.messaging.transaction import Transaction
from rapport.sight.store import managers_of
from rapport.tier.store import tiers_of

LetRest = Callable[..., Awaitable[None]]
"""`let_rest(tx, customer_id, at, rearmed=…)`: the risk may not cross upwards again for a while."""
_UNTOLD = frozenset({"risk-fell", "risk-rose"})
"""Steps that are for the history alone."""


@dataclass(slots=True)
class Changes:
    """What became of alerts in one transaction, in its order."""

    tx: Transaction
    alerting: Alerting
    made: list[Change] = field(default_factory=list)

    def note(self, change: Change, *, cause: AnyReceived | str | None, merged_into: str | None = None) -> Alert:
        """Keep a change for `save`, and tell it, unless it is a line for the history alone."""
        alert, event = change
        self.made.append(change)
        if event.step not in _UNTOLD:
            self.tx.tell(fact_of(change, merged_into=merged_into), time=event.at, cause=cause)
        return alert

    async def save(self) -> None:
        """Write all of it in two statements, and have it followed."""
        if self.made:
            await save(self.tx.connection, self.made, known_at=self.tx.now, partition_of=self.tx.partition_of)
            await self.alerting.follow(self.tx, self.made)


async def follow_crossings(tx: Transaction, told: Sequence[ToldCrossing], *, alerting: Alerting) -> None:
    """Open, close or note, crossing by crossing: at most one alert of a customer is open."""
    open_now = await open_alerts(tx.connection, {one.crossing.customer_id for one in told})
    known = await known_of(tx, {one.crossing.customer_id for one in told if one.crossing.direction == "up"})
    changes = Changes(tx, alerting)
    for one in told:
        customer_id = one.crossing.customer_id
        change = _following(open_now.get(customer_id), one, known.get(customer_id, Known()), alerting)
        if change is None:
            continue
        alert = changes.note(change, cause=one.cause)
        if alert.status == "closed":
            del open_now[customer_id]
        else:
            open_now[customer_id] = alert
    await changes.save()


def _following(alert: Alert | None, told: ToldCrossing, known: Known, alerting: Alerting) -> Change | None:
    match told.crossing.direction, alert:
        case "up", None:
            # The id follows from the crossing's: derived again, it is the same alert.
            opened, event = opened_on(told, derived_id(told.crossing.at, "alert", told.crossing_id), known)
            assigned = alerting.assign(opened)
            return (opened if assigned is None else replace(opened, **assigned._asdict())), event
        case "up", Alert():
            return risk_rose(alert, told.crossing.at)
        case "down", Alert():
            return risk_fell(alert, told.crossing.at)
    return None


async def known_of(tx: Transaction, customer_ids: Collection[str]) -> dict[str, Known]:
    """What is known now of these customers; as of when depends on when other services were heard."""
    if not customer_ids:
        return {}
    customer_tiers = await tiers_of(tx.connection, tiers, customer_ids)
    tier_names = {one: found.tier for one, found in customer_tiers.items()}
    managers = await managers_of(tx.connection, customer_managers, customer_ids)
    return {one: Known(managers.get(one), tier_names.get(one)) for one in customer_ids}


async def acknowledge_alert(tx: Transaction, alert_id: UUID, *, by: str, alerting: Alerting) -> Alert:
    """Somebody takes it up. Raises what `acknowledge` raises, and AlertNotFound."""
    alert = await _found(tx, alert_id)
    return await _changed(tx, acknowledge(alert, tx.clock_of(alert.customer_id), by), alerting)


async def close_alert(
    tx: Transaction,
    alert_id: UUID,
    outcome: Literal["retained", "lost", "false-alarm"],
    *,
    by: str,
    let_rest: LetRest,
    alerting: Alerting,
) -> Alert:
    """Somebody closes it. The customer is left in peace for a while; one said to be retained is judged again then."""
    alert = await _found(tx, alert_id)
    closed = await _changed(tx, close(alert, tx.clock_of(alert.customer_id), outcome, by), alerting)
    await let_rest(tx, closed.customer_id, _closing_of(closed), rearmed=outcome == "retained")
    return closed


def _closing_of(alert: Alert) -> datetime:
    assert alert.closed_at is not None
    return alert.closed_at


async def _found(tx: Transaction, alert_id: UUID) -> Alert:
    alert = await find(tx.connection, alert_id)
    if alert is None:
        raise AlertNotFound
    return alert


async def _changed(tx: Transaction, change: Change, alerting: Alerting) -> Alert:
    changes = Changes(tx, alerting)
    alert = changes.note(change, cause=None)
    await changes.save()
    return alert
