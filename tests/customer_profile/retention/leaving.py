"""Customers who left long ago, with something in every table; and the two people who agree that their files end."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from httpx import AsyncClient
from rich.progress import Progress

from customer_profile.retention_command import destroy, look
from rapport.clock import utc_now
from tests.customer_profile.contact.asking import care
from tests.customer_profile.facts import MONDAY, account, customer, record
from tests.customer_profile.marks import MARKED
from tests.customer_profile.portrait.others import interaction, tier, transaction
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

LONG_AGO = datetime(2010, 6, 1, 8, tzinfo=UTC)
"""Sixteen years before these tests: nothing keeps what ended then."""
RECENT = utc_now() - timedelta(days=4 * 366)
"""Long enough ago for an archive, and not for an end."""


async def left(service: Delivering, *customer_ids: str, at: datetime = LONG_AGO, **fields: Any) -> None:
    """Customers with marked identity whose core said at that time that they had left, and all that others told."""
    for customer_id in customer_ids:
        told = customer(
            customer_id, identity=MARKED, customer_since=date(2005, 1, 1), recorded_at=at - timedelta(days=900)
        )
        closed = {
            "status": "closed",
            "closed_on": at.date(),
            "opened_on": date(2005, 1, 1),
            "as_of": at,
            "balance": "0",
        }
        posted = {"customer_id": customer_id, "account_id": f"a-{customer_id}", "occurred_at": at - timedelta(days=2)}
        await service.deliver(
            record(service, told),
            record(service, account(customer_id, f"a-{customer_id}", **closed)),
            service.feed.record(transaction(transaction_no=f"T-{customer_id}", **posted), time=MONDAY),
            service.feed.record(tier(customer_id=customer_id), time=MONDAY),
            service.feed.record(interaction(0, customer_id), time=MONDAY),
            service.feed.record(care(f"care-{customer_id}", customer_id), time=MONDAY),
            record(service, told.model_copy(update={"status": "closed", "recorded_at": at, **fields})),
        )


def today(service: Delivering) -> date:
    return utc_now().astimezone(service.runtime.composition.state["calendar"].zone).date()


async def propose(service: Delivering, *, limit: int = 1000, on: date | None = None) -> UUID | None:
    """The batch of all that is due now."""
    with Progress(disable=True) as progress:
        _, batch_id = await look(service.runtime, progress, on=on or today(service), limit=limit)
    return batch_id


async def approve(api: AsyncClient, issuer: TestIssuer, batch_id: UUID) -> None:
    """By two people."""
    for role, subject in (("compliance", "e-8"), ("dpo", "e-9")):
        answer = await api.post(
            f"/retention/batches/{batch_id}/decision",
            json={"decision": "approve"},
            headers=issuer.bearer(role, subject=subject),
        )
        assert answer.status_code == 201, answer.text


async def carry_out(service: Delivering, batch_id: UUID) -> dict[str, int]:
    """What became of how many files, by the periods of the published catalogue, which are proposals."""
    with Progress(disable=True) as progress:
        return dict(await destroy(service.runtime, progress, batch_id, on=today(service), unconfirmed=True))


async def end(service: Delivering, api: AsyncClient, issuer: TestIssuer) -> dict[str, int]:
    """All that is due, proposed, approved and carried out."""
    batch_id = await propose(service)
    assert batch_id is not None, "nothing is due"
    await approve(api, issuer, batch_id)
    return await carry_out(service, batch_id)


async def steps(service: Delivering, customer_id: str) -> list[str]:
    """The steps of a file's life in order."""
    rows = await service.rows("SELECT step FROM file_steps WHERE customer_id = :c ORDER BY step_id", c=customer_id)
    return [row.step for row in rows]


async def erased(service: Delivering) -> list[tuple[str, str]]:
    """What was told of ends: whose, and how far."""
    rows = await service.rows(
        "SELECT convert_from(value, 'UTF8')::jsonb AS fact FROM outbox WHERE topic = 'customer-erased' "
        "ORDER BY outbox_id"
    )
    return sorted((row.fact["customer_id"], row.fact["scope"]) for row in rows)
