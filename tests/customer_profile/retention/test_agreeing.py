"""Nothing ends before two people agreed, nor what is held, and each file once, whatever interrupts the job."""

from datetime import timedelta
from uuid import UUID

import pytest
from httpx import AsyncClient
from rich.progress import Progress

from customer_profile.retention import handlers
from customer_profile.retention.planning import Plan
from customer_profile.retention.store import batches
from customer_profile.retention_command import destroy, look, said
from rapport.clock import utc_now
from rapport.service import Refused
from tests.customer_profile.facts import MONDAY, customer, files, record
from tests.customer_profile.marks import MARKED
from tests.customer_profile.merge.merging import merge
from tests.customer_profile.portrait.others import case
from tests.customer_profile.retention.leaving import approve, carry_out, left, propose, steps, today
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

HOLD = {"reason": "court-order", "until": "2099-12-31"}


async def plan_of(service: Delivering) -> Plan:
    with Progress(disable=True) as progress:
        plan, batch_id = await look(service.runtime, progress, on=today(service), limit=0)
    assert batch_id is None
    return plan


async def proposed(service: Delivering) -> UUID:
    batch_id = await propose(service)
    assert batch_id is not None
    return batch_id


async def test_a_dry_run_says_what_is_due_and_writes_nothing(service: Delivering) -> None:
    await left(service, "c-1", "c-2")
    await service.deliver(record(service, customer("c-3", identity=None)))
    plan = await plan_of(service)
    assert dict(plan.due) == {("ordinary", "destroy"): 2}
    assert plan.ending["ordinary", "identification", 2020] == 2
    assert plan.ending["ordinary", "relationship", 2013] == 2
    assert await service.rows("SELECT 1 FROM retention_batches") == []
    assert set(await files(service)) == {"c-1", "c-2", "c-3"}


async def test_a_batch_is_carried_out_only_after_two_people_approved_it(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await left(service, "c-1")
    batch_id = await proposed(service)
    assert await propose(service) is None, "a file waits in one batch"
    path, approval = f"/retention/batches/{batch_id}/decision", {"decision": "approve"}
    first, second = issuer.bearer("compliance", subject="e-8"), issuer.bearer("dpo", subject="e-9")
    for state in ("open", "confirmed"):
        with pytest.raises(Refused, match=f"it is {state}"):
            await carry_out(service, batch_id)
        if state == "open":
            assert (await api.post(path, json=approval, headers=first)).json()["state"] == "confirmed"
    assert (await api.post(path, json=approval, headers=first)).status_code == 403
    assert set(await files(service)) == {"c-1"}
    assert (await api.post(path, json=approval, headers=second)).json()["state"] == "approved"
    assert (await api.post(path, json={"decision": "refuse"}, headers=second)).status_code == 409
    assert await carry_out(service, batch_id) == {"destroyed": 1}
    shown = (await api.get(f"/retention/batches/{batch_id}", headers=second)).json()
    done = {"action": "destroy", "rule": "identification", "outcome": "destroyed", "files": 1}
    assert shown["files"] == [done]


async def test_an_approved_batch_is_refused_while_its_periods_are_proposals_and_the_dry_run_says_so(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await left(service, "c-1")
    assert "refused: " in (shown := said(await plan_of(service), on=today(service)))
    named = "the periods of relationship, identification, transaction are proposals"
    assert named in shown
    batch_id = await proposed(service)
    await approve(api, issuer, batch_id)
    with Progress(disable=True) as progress, pytest.raises(Refused, match=f"{named}.*--unconfirmed"):
        await destroy(service.runtime, progress, batch_id, on=today(service))
    assert set(await files(service)) == {"c-1"}
    assert await steps(service, "c-1") == ["collected", "exited"]
    assert await carry_out(service, batch_id) == {"destroyed": 1}


async def test_what_is_refused_is_proposed_again(service: Delivering, api: AsyncClient, issuer: TestIssuer) -> None:
    await left(service, "c-1")
    path = f"/retention/batches/{await proposed(service)}/decision"
    refused = await api.post(path, json={"decision": "refuse"}, headers=issuer.bearer("dpo", subject="e-9"))
    assert refused.json()["state"] == "refused"
    assert await propose(service) is not None


async def test_the_database_takes_no_approval_by_one_person(service: Delivering) -> None:
    await left(service, "c-1")
    await proposed(service)
    alone = "UPDATE retention_batches SET state = 'approved', confirmed_by = 'e', decided_by = 'e'"
    with pytest.raises(Exception, match="retention_batches_two_people"):
        await service.rows_written(alone)


async def test_a_job_that_dies_has_ended_whole_files_or_none_and_goes_on_where_it_was(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    customers = [f"c-{number}" for number in range(7)]
    await left(service, *customers)
    batch_id = await proposed(service)
    await approve(api, issuer, batch_id)
    async with service.runtime.engine.connect() as connection:
        batch = await batches.find(connection, batch_id)
    assert batch is not None
    zone = service.runtime.composition.state["calendar"].zone
    for dies in (True, False, True):
        try:
            async with service.runtime.transactions.begin() as tx:
                done = await handlers.carry_out(tx, batch, on=today(service), zone=zone, limit=3)
                assert len(done) == 3
                if dies:
                    raise ConnectionError
        except ConnectionError:
            continue
    assert len(await files(service)) == 4
    assert await carry_out(service, batch_id) == {"destroyed": 4}
    assert await carry_out(service, batch_id) == {}
    ended = await service.rows("SELECT customer_id FROM file_steps WHERE step = 'destroyed' ORDER BY 1")
    assert [row.customer_id for row in ended] == customers


async def test_a_hold_keeps_a_file_until_two_people_let_it_go(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await left(service, "c-1")
    first, second = issuer.bearer("compliance", subject="e-8"), issuer.bearer("dpo", subject="e-9")
    batch_id = await proposed(service)
    await approve(api, issuer, batch_id)
    over = await api.post("/customers/c-1/holds", json=HOLD | {"until": "2020-01-01"}, headers=first)
    assert (over.status_code, "until" in over.text) == (422, True)
    held = (await api.post("/customers/c-1/holds", json=HOLD, headers=first)).json()
    assert await carry_out(service, batch_id) == {"not-due": 1}, "it is judged once more as it is carried out"
    assert dict((await plan_of(service)).postponed) == {"hold": 1}
    path = f"/holds/{held['hold_id']}/release"
    assert (await api.post(path, headers=first)).json()["released_at"] is None
    assert (await api.post(path, headers=first)).status_code == 403
    assert await propose(service) is None
    assert (await api.post(path, headers=second)).json()["released_by"].endswith("e-9")
    assert (await api.post(path, headers=second)).status_code == 409
    assert await propose(service) is not None


async def test_who_came_back_after_the_approval_is_left(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await left(service, "c-1", "c-2")
    batch_id = await proposed(service)
    await approve(api, issuer, batch_id)
    await service.deliver(record(service, customer("c-2", identity=MARKED, recorded_at=utc_now())))
    assert await carry_out(service, batch_id) == {"destroyed": 1, "not-due": 1}
    assert set(await files(service)) == {"c-2"}
    assert await steps(service, "c-2") == ["collected", "exited", "resumed"]


async def test_the_latest_file_of_a_person_decides_for_all_of_them(service: Delivering) -> None:
    await left(service, "c-1", "c-2")
    await service.deliver(record(service, customer("c-3", identity=None)))
    await merge(service, "c-3", "c-1")
    assert dict((await plan_of(service)).due) == {("ordinary", "destroy"): 1}


async def test_an_open_case_and_an_open_correction_postpone(service: Delivering, api: AsyncClient) -> None:
    await left(service, "c-1", "c-2")
    asked = {"identity": {"phone": "139 0013 9000"}, "channel": "branch"}
    assert (await api.post("/customers/c-2/corrections", json=asked)).status_code == 201
    await service.deliver(service.feed.record(case("opened"), time=MONDAY))
    assert dict((await plan_of(service)).postponed) == {"open-case": 1, "open-correction": 1}


async def test_who_never_became_a_customer_is_due_a_year_after_the_last_use(service: Delivering) -> None:
    await service.deliver(record(service, customer("c-1")))
    assert await propose(service) is None
    assert await propose(service, on=today(service) + timedelta(days=366)) is not None
