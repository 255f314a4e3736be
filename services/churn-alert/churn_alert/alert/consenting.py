"""What becomes of alerts when customers refuse to be cared for: none is open, none is opened, until they allow it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from churn_alert.alert import store
from churn_alert.alert.domain.lifecycle import close
from churn_alert.alert.handlers import follow_crossings, tell
from churn_alert.risk.consenting import heed_consents
from churn_alert.risk.domain.crossing import Rules
from churn_alert.risk.domain.peace import Care
from churn_alert.risk.store.risks import cares_of
from churn_alert.tables import consents
from rapport.consent.handlers import latest_of, on_consents_changed
from rapport.consent.store import not_covering, refusing
from rapport.events.base import Received
from rapport.events.customer_profile import ConsentChanged
from rapport.messaging.transaction import Transaction
from rapport.person.store import persons_of

PURPOSE = "churn-care"
"""The purpose that watching over customers, and warning of them, rests on."""
_FEEDBACK = "feedback"
"""A category of data that care has come to use since customers were first asked."""
_UNSAID = Care(refused=False, without_feedback=False)


async def on_care_consents(tx: Transaction, events: Sequence[Received[ConsentChanged]], *, rules: Rules) -> None:
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
        await heed_consents(tx, changed, rules=rules, follow=follow_crossings)
        for event, care in changed:
            if care.refused:
                await close_refused(tx, [event.data.customer_id], event.at)


async def close_refused(tx: Transaction, customer_ids: Collection[str], at: datetime) -> None:
    """Close the alerts of those of these customers, who are held, who refuse care on any of their files."""
    found = await store.open_alerts(tx.connection, customer_ids)
    persons = await persons_of(tx.connection, found.keys())
    refused = await refusing(tx.connection, {file for files in persons.values() for file in files}, PURPOSE)
    closing = [found[survivor] for survivor, files in persons.items() if survivor in found and refused & {*files}]
    changes = [close(alert, at, "consent-refused", None) for alert in closing]
    for change in changes:
        tell(tx, change, cause=f"consent-refused:{change[0].alert_id}")
    await store.save(tx.connection, changes, known_at=tx.now)
