"""What becomes of alerts of customers who are to be left alone: none is open, none is opened, until that is over.

That is who refuses to be cared for, and whose relationship is restricted or over.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from churn_alert.alert.alerting import Alerting
from churn_alert.alert.domain.steps import close
from churn_alert.alert.handlers import Changes, follow_crossings
from churn_alert.alert.store.alerts import open_alerts
from churn_alert.risk.domain.crossing import Rules
from churn_alert.risk.domain.peace import Care, heed_consent, heed_restriction
from churn_alert.risk.leaving_alone import Word, heed
from churn_alert.risk.objections import Objections
from churn_alert.risk.store.asked import Objected
from churn_alert.risk.store.heeded import cares_of, note_revisions
from churn_alert.risk.store.risks import load
from churn_alert.tables import consents
from rapport.consent.handlers import latest_of, on_consents_changed
from rapport.consent.store import not_covering, refusing
from rapport.events.base import Received
from rapport.events.customer_profile import ConsentChanged, CustomerProfiled
from rapport.messaging.transaction import Transaction

PURPOSE = "churn-care"
"""The purpose that watching over customers, and warning of them, rests on."""
_FEEDBACK = "feedback"
"""A category of data that care has come to use since customers were first asked."""
_UNSAID = Care(refused=False, without_feedback=False)
_LEFT_ALONE = frozenset({"restricted", "exited"})


async def on_care_consents(
    tx: Transaction, events: Sequence[Received[ConsentChanged]], *, rules: Rules, alerting: Alerting
) -> None:
    """Heed who declined or withdrew care, who allows it again, and whose consent was to words that told nothing of
    feedback; what counts is the copy after these events. Once heeded, their repeats change nothing.
    """
    await on_consents_changed(tx, events, table=consents)
    latest = latest_of(events)
    refused = await refusing(tx.connection, latest, PURPOSE)
    narrower = await not_covering(tx.connection, latest, PURPOSE, _FEEDBACK)
    known = await cares_of(tx.connection, latest)
    cares = [(event, Care(file in refused, file in narrower)) for file, event in latest.items()]
    changed = [(event, care) for event, care in cares if care != known.get(event.data.customer_id, _UNSAID)]
    if changed:
        words = [
            Word(event, partial(heed_consent, care=care), "consent-refused" if care.refused else None)
            for event, care in changed
        ]
        await heed(tx, words, rules=rules, follow=partial(follow_crossings, alerting=alerting))
        said_no = {event.data.customer_id: event.at for event, care in changed if care.refused}
        await close_left_alone(tx, said_no, alerting=alerting)


async def on_relationships(
    tx: Transaction, events: Sequence[Received[CustomerProfiled]], *, rules: Rules, alerting: Alerting
) -> None:
    """Heed whose relationship is restricted or over, or who died, and whose is not any more.

    Of one poll the latest word counts, and none that is older than what is known.
    """
    latest = {event.data.customer_id: event for event in sorted(events, key=lambda event: event.data.revision)}
    known = await load(tx.connection, latest)
    newer = [event for one, event in latest.items() if event.data.revision >= known[one].profile_revision]
    turned_now = [
        (event, is_over)
        for event in newer
        if (is_over := _is_over(event.data)) != known[event.data.customer_id].is_restricted
    ]
    revisions = {event.data.customer_id: event.data.revision for event in newer}
    await note_revisions(
        tx.connection, {one: number for one, number in revisions.items() if known[one].profile_revision}
    )
    if turned_now:
        words = [
            Word(
                event,
                partial(heed_restriction, is_restricted=is_over, revision=event.data.revision),
                "restricted" if is_over else None,
            )
            for event, is_over in turned_now
        ]
        await heed(tx, words, rules=rules, follow=partial(follow_crossings, alerting=alerting))
        over = {event.data.customer_id: event.at for event, is_over in turned_now if is_over}
        await close_left_alone(tx, over, alerting=alerting)


def _is_over(told: CustomerProfiled) -> bool:
    return told.relationship in _LEFT_ALONE or told.status != "active"


async def close_left_alone(tx: Transaction, moments: Mapping[str, datetime], *, alerting: Alerting) -> None:
    """Close the alerts of those of these customers, who are held, who refuse care, or are restricted, on any file; as
    of a moment each."""
    found = await open_alerts(tx.connection, moments)
    if not found:
        return
    objections = await Objections.load(tx, found, [PURPOSE])
    changes = Changes(tx, alerting)
    for survivor, alert in found.items():
        outcome = objections.of(survivor, PURPOSE)
        if outcome is not None and outcome != "merged":
            at = moments[survivor]
            changes.note(close(changes.lived(alert, at), at, outcome, None), cause=f"{outcome}:{alert.alert_id}")
    await changes.save()


async def close_objected(tx: Transaction, objected: Mapping[str, Objected], *, alerting: Alerting) -> None:
    """Close the alerts of these customers, who are held, by a word on another file of theirs: also where it was taken
    back since, for what a no ended stays ended.
    """
    changes = Changes(tx, alerting)
    for survivor, alert in (await open_alerts(tx.connection, objected)).items():
        at, outcome = objected[survivor]
        if alert.opened_at <= at:
            changes.note(close(changes.lived(alert, at), at, outcome, None), cause=f"{outcome}:{alert.alert_id}")
    await changes.save()
