"""What becomes of alerts when files are merged: at most one of a person is open, and none is erased."""

from collections.abc import Mapping, Sequence
from functools import partial

from churn_alert.alert.alerting import Alerting
from churn_alert.alert.domain.steps import close
from churn_alert.alert.handlers import Changes, follow_crossings
from churn_alert.alert.leaving_alone import close_left_alone, close_objected
from churn_alert.alert.store.alerts import open_alerts
from churn_alert.risk.domain.crossing import Rules
from churn_alert.risk.merging import decide_asked, decide_regrouped, object_asked
from churn_alert.risk.store.asked import AskedPerson, take_persons
from churn_alert.tables import merged_files
from rapport.messaging.transaction import Transaction
from rapport.person.handlers import Grouped, regroup


async def on_customers_grouped(tx: Transaction, events: Sequence[Grouped], *, rules: Rules, alerting: Alerting) -> None:
    """Close the alerts of files that were merged into another; then decide the persons, on the sum of their files."""
    groups = await regroup(tx, events, table=merged_files)
    act = max(events, key=lambda event: event.data.revision)
    closed = await _close_merged(tx, groups, act, alerting)
    follow = partial(follow_crossings, alerting=alerting)
    await decide_regrouped(tx, groups, act, rearmed=closed, rules=rules, follow=follow)
    await close_left_alone(tx, dict.fromkeys(groups, act.at), alerting=alerting)


async def fire_asked_persons(
    tx: Transaction, customer_ids: Sequence[str], *, rules: Rules, alerting: Alerting
) -> dict[str, AskedPerson]:
    """Decide persons for events that came on files merged into theirs; a no or a restriction among them closes the
    alert, as of that word and not of what came after it, nor of when somebody looked. Returns who was asked."""
    asked = await take_persons(tx.connection, {one: tx.clock_of(one) for one in customer_ids})
    follow = partial(follow_crossings, alerting=alerting)
    objected = {survivor: one.objected for survivor, one in asked.items() if one.objected}
    if objected:
        moments = {survivor: at for survivor, (at, _) in objected.items()}
        several = await object_asked(tx, moments, rules=rules, follow=follow)
        await close_objected(tx, {survivor: objected[survivor] for survivor in several}, alerting=alerting)
    at_risk = {survivor: one for survivor, one in asked.items() if one.has_risk}
    await decide_asked(tx, at_risk, rules=rules, follow=follow)
    await close_left_alone(tx, {survivor: one.at for survivor, one in at_risk.items()}, alerting=alerting)
    return asked


async def _close_merged(
    tx: Transaction, groups: Mapping[str, Sequence[str]], act: Grouped, alerting: Alerting
) -> set[str]:
    merged_into = {file: survivor for survivor, files in groups.items() for file in files if file != survivor}
    found = await open_alerts(tx.connection, merged_into)
    changes = Changes(tx, alerting)
    for file, alert in found.items():
        changes.note(
            close(changes.lived(alert, act.at), act.at, "merged", None), cause=act, merged_into=merged_into[file]
        )
    await changes.save()
    return set(found)
