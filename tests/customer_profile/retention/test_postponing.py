"""What keeps a file, and what does not: an inquiry after the exit too, a customer's acts, not a bank's words."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from customer_profile.customer.domain import INQUIRIES, RESTRICTS
from customer_profile.retention.store.known import known
from rapport.clock import utc_now
from tests.customer_profile.contact.asking import CARE, care
from tests.customer_profile.facts import customer, record
from tests.customer_profile.marks import MARKED
from tests.customer_profile.portrait.others import interaction, reversal, transaction
from tests.customer_profile.retention.leaving import LONG_AGO, RECENT, left, propose, steps, today
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer


async def restricted(service: Delivering, api: AsyncClient, issuer: TestIssuer, reason: str) -> None:
    """A customer of long ago, restricted by compliance."""
    known = customer(identity=MARKED, recorded_at=LONG_AGO - timedelta(days=1000))
    await service.deliver(record(service, known))
    await step(api, issuer, "restricted", reason)


async def step(api: AsyncClient, issuer: TestIssuer, to: str, reason: str) -> None:
    asked = {"to": to, "reason": reason, "occurred_at": LONG_AGO.isoformat()}
    answer = await api.post("/customers/c-1/status", json=asked, headers=issuer.bearer("compliance", subject="e-8"))
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("reason", RESTRICTS)
@pytest.mark.parametrize("at", [LONG_AGO, RECENT])
async def test_a_restriction_for_an_inquiry_keeps_the_file_after_the_exit_and_no_other_does(
    service: Delivering, api: AsyncClient, issuer: TestIssuer, reason: str, at: Any
) -> None:
    await restricted(service, api, issuer, reason)
    await left(service, "c-1", at=at)
    assert (await api.get("/customers/c-1")).json()["relationship"] == "exited"
    assert (await propose(service) is None) == (reason in INQUIRIES)


async def test_a_posting_that_is_dated_ahead_keeps_no_file_for_longer(service: Delivering) -> None:
    await left(service, "c-1")
    now, zone = utc_now(), service.runtime.composition.state["calendar"].zone
    ahead = transaction(transaction_no="T-8", occurred_at=now + timedelta(days=300))
    back = reversal(ahead, "T-9", occurred_at=now - timedelta(hours=1))
    last = []
    for _ in range(2):
        async with service.runtime.engine.connect() as connection:
            last.append((await known(connection, ["c-1"], today=today(service), zone=zone))["c-1"].last_posting_on)
        await service.deliver(service.feed.record(back, time=now - timedelta(hours=1)))
    assert last[0] is not None
    assert last[0] == last[1]


async def test_the_latest_restriction_counts_and_one_that_is_lifted_keeps_nothing(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await restricted(service, api, issuer, "legal-order")
    await step(api, issuer, "active", "restriction-lifted")
    await left(service, "c-1")
    assert await propose(service) is not None


async def test_a_restriction_lifted_after_the_exit_keeps_nothing_and_the_periods_run_from_the_exit_as_before(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await restricted(service, api, issuer, "compliance-review")
    await left(service, "c-1")
    life = await steps(service, "c-1")
    assert await propose(service) is None
    lift = {"to": "exited", "reason": "restriction-lifted"}
    assert (await api.post("/customers/c-1/status", json=lift)).status_code == 403
    await step(api, issuer, "exited", "restriction-lifted")
    again = await api.post("/customers/c-1/status", json=lift, headers=issuer.bearer("compliance", subject="e-8"))
    assert (again.status_code, "no restriction outlasted it" in again.text) == (409, True)
    assert await propose(service) is not None
    assert await steps(service, "c-1") == life
    last = (await api.get("/customers/c-1/status/history")).json()["items"][-1]
    assert (last["from"], last["to"], last["reason"]) == ("exited", "exited", "restriction-lifted")


@pytest.mark.parametrize("reason", RESTRICTS)
async def test_of_who_never_became_a_customer_every_restriction_that_stands_keeps_the_file_but_retention_only(
    service: Delivering, api: AsyncClient, issuer: TestIssuer, reason: str
) -> None:
    await restricted(service, api, issuer, reason)
    await long_unused(service)
    assert (await propose(service) is not None) == (reason == "retention-only")


async def long_unused(service: Delivering) -> None:
    """As if nobody had been told of a change for as long as the file is there."""
    await service.rows_written("UPDATE profiles SET as_of = recorded_at")


@pytest.mark.parametrize("act", ["nothing", "asked by the bank", "visited", "consented", "asked for a correction"])
async def test_a_file_is_used_by_what_its_customer_does_and_not_by_what_the_bank_asks_to_say(
    service: Delivering, api: AsyncClient, act: str
) -> None:
    await service.deliver(record(service, customer(identity=MARKED, recorded_at=LONG_AGO)))
    await long_unused(service)
    if act == "asked by the bank":
        await service.deliver(service.feed.record(care(), time=utc_now()))
        assert len(await service.rows("SELECT 1 FROM contacts")) == 1
    elif act == "visited":
        await service.deliver(
            service.feed.record(interaction(0).model_copy(update={"occurred_at": utc_now()}), time=utc_now())
        )
    elif act == "consented":
        assert (await api.post("/customers/c-1/consents", json=CARE)).status_code == 201
    elif act == "asked for a correction":
        asked = {"identity": {"phone": "13900139001"}, "channel": "branch"}
        made = (await api.post("/customers/c-1/corrections", json=asked)).json()
        assert (await api.post(f"/corrections/{made['correction_id']}/withdrawal")).status_code < 300
    assert (await propose(service) is not None) == (act in {"nothing", "asked by the bank"})
