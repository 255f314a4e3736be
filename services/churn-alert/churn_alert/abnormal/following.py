"""What becomes of leads when findings begin, grow or are not true after all: saved, and told to compliance alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from churn_alert.abnormal.domain import leads
from churn_alert.abnormal.domain.finding import Change
from churn_alert.abnormal.domain.leads import Lead, LeadStep, Stepped
from churn_alert.abnormal.facts import Watch, due_on, fact_of, lead_id_of
from churn_alert.abnormal.store import leads as store
from rapport.events.base import AnyReceived
from rapport.messaging.transaction import Transaction


class Followed(NamedTuple):
    """A change, as of when, and what caused it; None: a posting on another file of the person."""

    change: Change
    at: datetime
    cause: AnyReceived | None


async def keep_leads(tx: Transaction, followed: Sequence[Followed], *, watch: Watch) -> None:
    """Begin leads, alter their figures, withdraw them, in this order of changes; nothing is erased."""
    if not followed:
        return
    ids = [lead_id_of(one.change.customer_id, one.change.key) for one in followed]
    known = await store.find_many(tx.connection, set(ids))
    steps: list[LeadStep] = []
    for lead_id, one in zip(ids, followed, strict=True):
        before = known.get(lead_id)
        stepped = _step(lead_id, before, one, watch)
        if stepped is None:
            if before is not None and one.change.finding is not None:
                known[lead_id] = leads.grown(before, one.change.finding)
            continue
        known[lead_id], step = stepped
        steps.append(step)
        cause = one.cause or f"{lead_id}:{step.number}"
        tx.tell(fact_of(known[lead_id], one.at), time=one.at, cause=cause)
    await store.save(tx.connection, known, steps, known_at=tx.now)


def _step(lead_id: UUID, lead: Lead | None, one: Followed, watch: Watch) -> Stepped | None:
    """The next line of its history; None where only figures change."""
    change = one.change
    if change.finding is None:
        return leads.withdrawn(lead, one.at) if lead is not None and lead.is_true else None
    if lead is None:
        due = due_on(change.finding.kind, change.key, one.at, watch)
        return leads.found(lead_id, change.customer_id, change.finding, one.at, due, watch.rules.version)
    return None if lead.is_true else leads.found_again(lead, change.finding, one.at)
