"""What others tell of a customer's classes: the type with the profile, the lifecycle by itself."""

from collections.abc import Iterable, Sequence

from rapport.events.base import Received
from rapport.events.churn_alert import LifecycleChanged
from rapport.events.customer_profile import CustomerProfiled
from rapport.messaging.transaction import Transaction
from scoring.classification import store
from scoring.classification.domain.classes import Held, told


async def on_profiles_for_classes(tx: Transaction, events: Sequence[Received[CustomerProfiled]]) -> None:
    """The type; one that stays has held since it was first told."""
    facts = [event.data for event in events]
    await _heard(tx, [Held(one.customer_id, "type", one.type, one.as_of, one.revision) for one in facts])


async def on_lifecycles_changed(tx: Transaction, events: Sequence[Received[LifecycleChanged]]) -> None:
    """The stage, and since when, as the teller says."""
    facts = [event.data for event in events]
    await _heard(tx, [Held(one.customer_id, "lifecycle", one.stage, one.since, one.revision) for one in facts])


async def _heard(tx: Transaction, said: Iterable[Held]) -> None:
    """Of one poll each customer's last word counts: what was replaced within it was never what anybody saw."""
    said = list(said)
    known = await store.load(tx.connection, list({one.customer_id for one in said}))
    newest = dict(known)
    for one in said:
        place = (one.customer_id, one.dimension)
        newest[place] = told(newest.get(place), one) or newest[place]
    changed = [one for place, one in newest.items() if one is not known.get(place)]
    await store.save(tx.connection, changed, known, known_at=tx.now)
