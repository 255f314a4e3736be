"""Each role as `make token` gives it: what it may do to scorecards and policies, and that no life of one gets stuck."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from itertools import count, product
from typing import Any

import httpx
import pytest

from rapport.serving import api_of
from rapport.web.scopes import ROLE_SCOPES
from tests.scoring.policy.test_faults import content
from tests.scoring.release.people import STRICTER, People, soon
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

By = Callable[..., httpx.AsyncClient]
DOCUMENTS = {"policies": content, "scorecards": lambda: STRICTER}
WRITERS = {"analyst", "risk_manager"}
APPROVERS = {"policies": {"risk_manager", "compliance"}, "scorecards": {"risk_manager"}}
WHY = {"reason": "So it was agreed"}
KINDS = pytest.mark.parametrize("kind", DOCUMENTS)


@pytest.fixture
async def staff(bank: Delivering, people: Callable[[Delivering], Any]) -> People:
    found: People = await people(bank)
    return found


@pytest.fixture
async def by(bank: Delivering, issuer: TestIssuer) -> AsyncIterator[By]:
    """A client of somebody in a role; without a name the one whose token `make token ROLE=…` prints."""
    async with AsyncExitStack() as stack:
        transport = httpx.ASGITransport(api_of(bank.runtime))

        def client(role: str, name: str | None = None) -> httpx.AsyncClient:
            headers = issuer.bearer(role, subject=name or f"demo-{role}")
            made = httpx.AsyncClient(transport=transport, base_url="http://scoring", headers=headers)
            stack.push_async_callback(made.aclose)
            return made

        yield client


async def drafted(client: httpx.AsyncClient, kind: str) -> str:
    answer = await client.post(f"/{kind}", json=DOCUMENTS[kind]())
    assert answer.status_code == 201, answer.text
    return f"/{kind}/{answer.json()['version']}"


def dated(minutes: float) -> dict[str, Any]:
    return {"effective_from": soon(minutes).isoformat(), **WHY}


async def approved(staff: People, kind: str, version: str, by: httpx.AsyncClient, minutes: float) -> None:
    said = dated(minutes)
    if kind == "scorecards":
        await staff.dry_run(int(version.rpartition("/")[2]))
        said |= {"forced": True}
    answer = await by.post(f"{version}/approve", json=said)
    assert answer.status_code == 201, answer.text


@KINDS
async def test_each_role_may_do_what_is_its_own_and_nothing_else(staff: People, by: By, kind: str) -> None:
    author, second, minutes = by("analyst", "author"), by("risk_manager", "second"), count(60)
    allowed: dict[str, set[str]] = {}
    for role in sorted(ROLE_SCOPES):
        client, draft, other = by(role), await drafted(author, kind), await drafted(author, kind)
        kept = await drafted(author, kind)
        await approved(staff, kind, kept, second, next(minutes))
        tried = {
            "draft": await client.post(f"/{kind}", json=DOCUMENTS[kind]()),
            "roll back": await client.post(f"/{kind}/rollback", json={"version": 1, **WHY}),
            "approve": await client.post(f"{draft}/approve", json=dated(next(minutes))),
            "withdraw a draft": await client.post(f"{other}/withdraw", json=WHY),
            "withdraw what was approved": await client.post(f"{kept}/withdraw", json=WHY),
        }
        for act, answer in tried.items():
            assert answer.status_code in {201, 403, 409}, (role, act, answer.text)
            if answer.status_code != 403:
                allowed.setdefault(act, set()).add(role)
    assert allowed == {
        "draft": WRITERS,
        "roll back": WRITERS,
        "approve": APPROVERS[kind],
        "withdraw a draft": WRITERS | APPROVERS[kind],
        "withdraw what was approved": APPROVERS[kind],
    }


@pytest.mark.parametrize(
    ("kind", "writer", "approver"),
    [(kind, *pair) for kind in DOCUMENTS for pair in product(sorted(WRITERS), sorted(APPROVERS[kind]))],
)
async def test_two_persons_bring_a_version_all_through_its_life(
    staff: People, by: By, kind: str, writer: str, approver: str
) -> None:
    one, other = by(writer), by(approver, f"second-{approver}")
    assert (await one.post(f"{await drafted(one, kind)}/withdraw", json=WHY)).json()["status"] == "withdrawn"
    refused = await drafted(one, kind)
    assert (await other.post(f"{refused}/withdraw", json=WHY)).json()["status"] == "withdrawn"
    version = await drafted(one, kind)
    alone = await one.post(f"{version}/approve", json=dated(60))
    assert alone.status_code == 403, "two persons"
    await approved(staff, kind, version, other, 60)
    assert (await other.post(f"{version}/withdraw", json=WHY)).json()["status"] == "withdrawn"
    back = await one.post(f"/{kind}/rollback", json={"version": 1, **WHY})
    await approved(staff, kind, f"/{kind}/{back.json()['version']}", other, 60)
    acts = (await other.get(f"{version}/acts")).json()["items"]
    assert [act["act"] for act in acts if act["act"] != "dry-run"] == ["withdrawn", "approved", "drafted"]
    assert {act["done_by"] for act in acts} >= {f"demo-{writer}", f"second-{approver}"}
