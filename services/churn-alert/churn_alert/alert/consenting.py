"""What becomes of alerts when customers refuse to be cared for: none is open, none is opened, until they allow it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from churn_alert.alert import store
from churn_alert.alert.domain.lifecycle import close
from churn_alert.alert.handlers import follow_crossings, tell
from churn_alert.risk.consenting import heed_consents
from churn_alert.risk.domain.crossing import Rules
from churn_alert.risk.store.risks import refusing_consent
from churn_alert.tables import consents
from rapport.consent.handlers import turned
from rapport.consent.store import refusing
from rapport.events.base import Received
from rapport.events.customer_profile import ConsentChanged
from rapport.messaging.transaction import Transaction
from rapport.person.store import persons_of

PURPOSE = "churn-care"
"""The purpose that watching over customers, and warning of them, rests on."""


async def on_care_consents(tx: Transaction, events: Sequence[Received[ConsentChanged]], *, rules: Rules) -> None:
    """Heed who declined or withdrew care, and who allows it again; what counts is the copy after these events."""
    changed = await turned(tx, events, table=consents, purpose=PURPOSE, known=refusing_consent)
    if changed:
        await heed_consents(tx, changed, rules=rules, follow=follow_crossings)
        for event, refused in changed:
            if refused:
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
