"""Who asked to reach a customer whose file ends is answered: once, and in the transaction that ends it."""

from contextlib import suppress
from datetime import timedelta

from httpx import AsyncClient

from customer_profile.retention.handlers import carry_out
from customer_profile.retention.store import batches
from rapport.clock import utc_now
from tests.customer_profile.contact.asking import ask, care, make_due, told
from tests.customer_profile.retention.leaving import LONG_AGO, RECENT, approve, end, left, propose, today
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer


class Died(Exception):
    """The process ends here."""


async def test_who_waits_to_reach_a_customer_is_answered_once_as_the_file_ends(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await left(service, "c-1", at=RECENT)
    await left(service, "c-2", at=LONG_AGO)
    await left(service, "s-1", at=utc_now() - timedelta(days=30))
    assert await end(service, api, issuer) == {"archived": 1, "destroyed": 1}
    assert await told(service) == {"care-c-1": "status", "care-c-2": "status"}
    assert [row.request_id for row in await service.rows("SELECT request_id FROM contacts")] == ["care-s-1"]
    await make_due(service)
    assert set(await told(service)) == {"care-c-1", "care-c-2", "care-s-1"}


async def test_who_asks_to_reach_a_customer_whose_file_has_ended_is_answered_and_nothing_is_kept(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await left(service, "c-1", at=RECENT)
    await left(service, "c-2", at=LONG_AGO)
    assert await end(service, api, issuer) == {"archived": 1, "destroyed": 1}
    await ask(service, care("late-1", "c-1"), care("late-2", "c-2"))
    answers = await told(service)
    assert (answers["late-1"], answers["late-2"]) == ("status", "status")
    assert await service.rows("SELECT 1 FROM contacts") == []


async def test_what_was_answered_before_is_not_answered_again(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await left(service, "c-1")
    await make_due(service)
    before = await told(service)
    assert set(before) == {"care-c-1"}
    await end(service, api, issuer)
    assert await told(service) == before


async def test_the_answer_is_of_the_transaction_that_ends_the_file(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await left(service, "c-1")
    batch_id = await propose(service)
    assert batch_id is not None
    await approve(api, issuer, batch_id)
    zone = service.runtime.composition.state["calendar"].zone
    with suppress(Died):
        async with service.runtime.transactions.begin() as tx:
            batch = await batches.find(tx.connection, batch_id)
            assert batch is not None
            assert await carry_out(tx, batch, on=today(service), zone=zone, limit=10) == {"c-1": "destroyed"}
            raise Died
    assert await told(service) == {}
    assert [row.state for row in await service.rows("SELECT state FROM contacts")] == ["waiting"]
