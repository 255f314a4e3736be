"""What becomes of alerts by themselves: opened and closed by crossings of the risk, woken and escalated by silence."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from churn_alert.alert.alerting import Alerting
from churn_alert.alert.domain.ageing import timed
from churn_alert.alert.domain.lifecycle import Alert, Change, Known
from churn_alert.alert.domain.steps import live, opened_on, risk_fell, risk_rose
from churn_alert.alert.facts import fact_of
from churn_alert.alert.store.alerts import open_alerts, outdated, retime, save
from churn_alert.lifecycle.store.transitions import stages_at
from churn_alert.risk.domain.crossing import ToldCrossing
from churn_alert.risk.objections import purposes_refused
from churn_alert.tables import customer_managers, segments, tiers
from rapport.events.base import AnyReceived
from rapport.ids import derived_id
from rapport.messaging.pages import page_by_page
from rapport.messaging.transaction import Transaction, Transactions
from rapport.segment.store import segments_of
from rapport.sight.store import managers_of
from rapport.tier.store import tiers_of

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

    def lived(self, alert: Alert, until: datetime) -> Alert:
        """The alert after what silence brought up to `until`, which is noted: it comes before whatever is next."""
        for change in live(alert, self.alerting.policy, until):
            alert = self.note(change, cause=f"alert:{alert.alert_id}:{alert.revision}")
        return alert

    async def save(self) -> None:
        """Write all of it in two statements, and have it followed."""
        if self.made:
            await save(self.tx.connection, self.made, known_at=self.tx.now, partition_of=self.tx.partition_of)
            await self.alerting.follow(self.tx, self.made)


async def follow_crossings(tx: Transaction, told: Sequence[ToldCrossing], *, alerting: Alerting) -> None:
    """Open, close or note, crossing by crossing: at most one alert of a customer is open."""
    open_now = await open_alerts(tx.connection, {one.crossing.customer_id for one in told})
    known = await _known_of(tx, [one for one in told if one.crossing.direction == "up"])
    changes = Changes(tx, alerting)
    for one in told:
        customer_id = one.crossing.customer_id
        alert = open_now.pop(customer_id, None)
        if alert is not None:
            alert = changes.lived(alert, one.crossing.at)
        change = _following(alert, one, known, alerting, None if tx.service.is_stream_time else tx.now)
        if change is not None:
            alert = changes.note(change, cause=one.cause)
        if alert is not None and alert.status != "closed":
            open_now[customer_id] = alert
    await changes.save()


def _following(
    alert: Alert | None,
    told: ToldCrossing,
    known: Mapping[UUID, Known],
    alerting: Alerting,
    seen_at: datetime | None,
) -> Change | None:
    match told.crossing.direction, alert:
        case "up", None:
            # The id follows from the crossing's: derived again, it is the same alert.
            alert_id = derived_id(told.crossing.at, "alert", told.crossing_id)
            opened, event = opened_on(told, alert_id, known[told.crossing_id], alerting.policy, alerting.assign)
            # Nobody could answer before it was seen one that is dated back.
            since = max(opened.opened_at, seen_at or opened.opened_at)
            return timed(replace(opened, waiting_since=since), alerting.policy), event
        case "up", Alert():
            return risk_rose(alert, told.crossing.at)
        case "down", Alert():
            return risk_fell(alert, told)
    return None


async def _known_of(tx: Transaction, told: Sequence[ToldCrossing]) -> dict[UUID, Known]:
    """By crossing upwards what is known of its customer: the stage as of the crossing, tier, segment, manager and what
    is refused as heard by now, for they are other services' words."""
    moments = {one.crossing_id: (one.crossing.customer_id, one.crossing.at) for one in told}
    if not moments:
        return {}
    customer_ids = {customer_id for customer_id, _ in moments.values()}
    customer_tiers = await tiers_of(tx.connection, tiers, customer_ids)
    tier_names = {one: found.tier for one, found in customer_tiers.items()}
    segment_names = await segments_of(tx.connection, segments, customer_ids)
    managers = await managers_of(tx.connection, customer_managers, customer_ids)
    stages = await stages_at(tx.connection, moments.values())
    refused = await purposes_refused(tx, customer_ids)
    return {
        crossing_id: Known(
            managers.get(one), tier_names.get(one), stages.get((one, at)), segment_names.get(one), refused[one]
        )
        for crossing_id, (one, at) in moments.items()
    }


async def fire_due_alerts(tx: Transaction, customer_ids: Collection[str], *, alerting: Alerting) -> None:
    """Wake and escalate the alerts of these customers, who are held, as of the moments at which that was due."""
    changes = Changes(tx, alerting)
    for alert in (await open_alerts(tx.connection, customer_ids)).values():
        changes.lived(alert, tx.clock_of(alert.customer_id))
    await changes.save()


async def retime_outdated(transactions: Transactions, *, alerting: Alerting) -> None:
    """Upkeep: set the times of open alerts anew that another version of the policy set, or a process of a release that
    had none; a page at a time."""

    async def retime_those(tx: Transaction, customer_ids: Sequence[str]) -> None:
        found = await open_alerts(tx.connection, customer_ids)
        anew = [timed(alert, alerting.policy) for alert in found.values()]
        await retime(tx.connection, anew, partition_of=tx.partition_of)

    await page_by_page(transactions, partial(outdated, version=alerting.policy.newest.version), retime_those)
