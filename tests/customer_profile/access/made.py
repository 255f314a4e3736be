"""What an id of a path names: of each kind one of the own customer and one of another's, or one where it is of no one.

What is decided on is over already, so that who asks again and again is answered alike each time: 409.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from fastapi import FastAPI
from httpx import AsyncClient

from customer_profile.duplicate.handlers import keep_found
from customer_profile.retention import handlers as retention
from customer_profile.retention.domain.due import Due
from rapport.events.bank import Identity
from tests.customer_profile.access.bank import open_bank
from tests.customer_profile.duplicate.test_api import AT, DISMISS, EVIDENCE, Likeness
from tests.customer_profile.export.asking import ASKERS, asked_for, decided
from tests.customer_profile.facts import HOUR, MONDAY, ZHANG, customer, record
from tests.customer_profile.quality.test_issues import WRONG
from tests.support.delivering import Delivering
from tests.support.sight import FOREIGN, MANAGER, OTHER_MANAGER, OWN, SUBJECTS, client_of
from tests.support.tokens import TestIssuer

TAKEN = "GET /exports/{export_id}/rows"
SHOWN = "GET /corrections/{correction_id}"
REFUSED = {"outcome": "refused", "ground": "evidence-insufficient"}
PROOF = {"kind": "police-certificate", "digest": "5e" * 32}
HELD = {"reason": "court-order", "until": "2099-12-31"}


class Made(NamedTuple):
    """Ids by name for each customer, of what waits for an answer too; and by role the export that it may take."""

    of: dict[str, dict[str, str]]
    open_corrections: dict[str, str]
    exports: dict[str, str]

    def ids(self, operation: str, role: str, customer_id: str) -> dict[str, str]:
        """What the path of this operation names."""
        ids = self.of[customer_id]
        if operation == SHOWN:
            return ids | {"correction_id": self.open_corrections[customer_id]}
        if operation == TAKEN and customer_id == OWN:
            return ids | {"export_id": self.exports.get(role, ids["export_id"])}
        return ids


async def open_bank_with_acts(
    service: Delivering, app: FastAPI, issuer: TestIssuer, *, identity: Identity = ZHANG
) -> Made:
    """The bank, and something of every kind that has an id."""
    wrong = [customer(one, identity=WRONG, recorded_at=MONDAY - HOUR) for one in (OWN, FOREIGN)]
    await service.deliver(*(record(service, one) for one in wrong))
    await open_bank(service, identity=identity)
    dead = {"identity": identity.model_dump() | {"phone": [identity.full_name]}}
    await service.deliver(record(service, customer(OWN, identity=identity), data=dead))
    async with (
        client_of(app, issuer, "data_admin", subject="e-clerk") as clerk,
        client_of(app, issuer, "compliance", subject="e-8") as first,
        client_of(app, issuer, "dpo", subject="e-9") as second,
        client_of(app, issuer, "operator", subject="e-operator") as operator,
    ):
        common = {
            "pair_id": await _pair(service, clerk),
            "merge_id": await _merge(clerk, first),
            "batch_id": await _batch(service, second),
            "dead_letter_id": (await operator.get("/dead-letters")).json()["items"][0]["dead_letter_id"],
        }
        of, waiting = {}, {}
        for customer_id, manager in ((OWN, MANAGER), (FOREIGN, OTHER_MANAGER)):
            of[customer_id] = common | {
                "customer_id": customer_id,
                "correction_id": await _correction(clerk, customer_id, phone="13900139001"),
                "issue_id": (await _got(clerk, f"/data-quality/issues?customer_id={customer_id}"))[0]["issue_id"],
                "hold_id": await _hold(first, second, customer_id),
                "export_id": await _export(app, issuer, "rm", manager, "refuse"),
            }
            await _posted(second, f"/corrections/{of[customer_id]['correction_id']}/decision", REFUSED)
            # Of a field that nothing else asks for, or it would be superseded.
            waiting[customer_id] = await _correction(clerk, customer_id, email="other@example.org")
    exports = {role: await _export(app, issuer, role, SUBJECTS[role], "approve") for role in ASKERS}
    return Made(of, waiting, exports)


async def _pair(service: Delivering, clerk: AsyncClient) -> str:
    async with service.runtime.transactions.begin() as tx:
        await keep_found(tx, [Likeness(FOREIGN, OWN, 900, EVIDENCE)], model="persons-1", at=AT)
    (pair,) = await _got(clerk, "/duplicates")
    await _posted(clerk, f"/duplicates/{pair['pair_id']}/decision", DISMISS)
    return str(pair["pair_id"])


async def _merge(clerk: AsyncClient, first: AsyncClient) -> str:
    asked = {"survivor": OWN, "merged": FOREIGN, "reason": "known-to-staff", "evidence": PROOF}
    # Where one paper is on both files, it is proposed by itself.
    made = next(iter(await _got(clerk, "/merges")), None) or await _posted(clerk, "/merges", asked)
    await _posted(first, f"/merges/{made['merge_id']}/decision", {"decision": "refuse"})
    return str(made["merge_id"])


async def _batch(service: Delivering, second: AsyncClient) -> str:
    due = [Due(one, "destroy", "identification", AT.date()) for one in (FOREIGN, OWN)]
    async with service.runtime.transactions.begin() as tx:
        batch = await retention.propose(tx, due, on=datetime.now(UTC).date())
    assert batch is not None
    await _posted(second, f"/retention/batches/{batch.batch_id}/decision", {"decision": "refuse"})
    return str(batch.batch_id)


async def _hold(first: AsyncClient, second: AsyncClient, customer_id: str) -> str:
    held = await _posted(first, f"/customers/{customer_id}/holds", HELD)
    for person in (first, second):
        await _posted(person, f"/holds/{held['hold_id']}/release")
    return str(held["hold_id"])


async def _correction(clerk: AsyncClient, customer_id: str, **identity: str) -> str:
    made = await _posted(clerk, f"/customers/{customer_id}/corrections", {"identity": identity, "channel": "branch"})
    return str(made["correction_id"])


async def _export(app: FastAPI, issuer: TestIssuer, role: str, subject: str, decision: str) -> str:
    async with client_of(app, issuer, role, subject=subject) as client:
        export_id = await asked_for(client)
    await decided(app, issuer, export_id, decision)
    return export_id


async def _posted(client: AsyncClient, path: str, body: Any = None) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, (path, answer.text)
    found: dict[str, Any] = answer.json()
    return found


async def _got(client: AsyncClient, path: str) -> list[dict[str, Any]]:
    answer = await client.get(path)
    assert answer.status_code == 200, (path, answer.text)
    found: list[dict[str, Any]] = answer.json()["items"]
    return found
