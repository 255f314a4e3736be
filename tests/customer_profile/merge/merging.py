"""Two people who merge files, over the handlers that the API calls, and what is told and kept of it."""

from typing import Any
from uuid import UUID

from customer_profile.customer.identity import Locks
from customer_profile.merge import handlers
from customer_profile.merge.domain.proposals import Evidence
from customer_profile.merge.handlers.deciding import Master
from rapport.person.store import persons_of
from tests.support.delivering import Delivering

CLERK, LEAD = "clerk", "lead"
OWN = ("profiles", "accounts", "consent_acts", "portrait_facts", "portrait_months", "customer_changes")
"""Tables in which each row is of one file."""


def locks_of(service: Delivering) -> Locks:
    found: Locks = service.runtime.composition.state["locks"]
    return found


async def merge(
    service: Delivering, survivor: str, merged: str, *, master: Master = "ours", evidence: Evidence | None = None
) -> UUID:
    """Proposed by one person, approved by another."""
    locks = locks_of(service)
    async with service.runtime.transactions.begin(customers=[survivor, merged]) as tx:
        proposal = await handlers.propose_merge(tx, survivor, merged, "known-to-staff", evidence, by=CLERK, locks=locks)
    await approve(service, proposal.merge_id, master=master)
    return proposal.merge_id


async def unmerge(service: Delivering, merge_id: UUID) -> UUID:
    async with service.runtime.transactions.begin() as tx:
        proposal = await handlers.propose_unmerge(tx, merge_id, "mistaken", by=CLERK)
    await approve(service, proposal.merge_id)
    return proposal.merge_id


async def approve(service: Delivering, merge_id: UUID, *, by: str = LEAD, master: Master = "ours") -> None:
    async with service.runtime.transactions.begin() as tx:
        await handlers.decide(tx, merge_id, "approve", by=by, locks=locks_of(service), master=master)


async def persons(service: Delivering, *files: str) -> dict[str, tuple[str, ...]]:
    async with service.runtime.engine.connect() as connection:
        return await persons_of(connection, files)


async def told(service: Delivering) -> list[dict[str, Any]]:
    """What of merges waits in the outbox to be told, in order."""
    rows = await service.rows(
        "SELECT convert_from(value, 'UTF8')::jsonb AS fact, topic FROM outbox "
        "WHERE topic IN ('customers-merged', 'customers-unmerged') ORDER BY outbox_id"
    )
    return [{**row.fact, "topic": row.topic} for row in rows]


async def rows_of(service: Delivering, files: list[str]) -> dict[str, list[str]]:
    """Every row that is of one of these files, whole, as text."""
    found = {}
    for table in OWN:
        rows = await service.rows(
            f"SELECT t::text AS whole FROM {table} t WHERE customer_id = ANY(:files) ORDER BY 1", files=files
        )
        found[table] = [row.whole for row in rows]
    return found
