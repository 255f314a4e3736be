"""What is of no one customer is for who sees all: no token of fewer reads it, and none makes a fault of the server."""

from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import text

from customer_profile.merge.domain.proposals import Evidence
from rapport.row_security import ALL, NOTHING, Sight
from rapport.web.scopes import ROLE_SCOPES, SCOPES
from tests.customer_profile.access.bank import drop_policies, open_bank
from tests.customer_profile.access.made import Made, open_bank_with_acts
from tests.customer_profile.access.test_matrix import MATRIX, asked
from tests.customer_profile.merge.merging import merge
from tests.support.delivering import Delivering
from tests.support.sight import FOREIGN, MANAGER, OWN
from tests.support.tokens import TestIssuer

PROOF = Evidence("police-certificate", "0" * 64)
OF_ALL = sorted(
    operation
    for operation, row in MATRIX.items()
    if "{customer_id}" not in operation and "own" not in row.cells.values()
)
"""Operations that show nobody the own customers alone."""
LIMITED: dict[str, dict[str, Any]] = {
    "every role, for one customer": {"roles": list(ROLE_SCOPES), "customer_id": OWN},
    "no role, every scope": {"roles": [], "scope": " ".join(sorted(SCOPES))},
}


@pytest.fixture(params=["policies and queries", "queries alone"])
async def made(service: Delivering, app: FastAPI, issuer: TestIssuer, request: pytest.FixtureRequest) -> Made:
    found = await open_bank_with_acts(service, app, issuer)
    await merge(service, FOREIGN, OWN, evidence=PROOF)
    if request.param == "queries alone":
        await drop_policies(service)
    return found


@pytest.mark.parametrize("claims", LIMITED.values(), ids=LIMITED)
async def test_who_sees_fewer_than_all_learns_of_nobody_else(
    app: FastAPI, issuer: TestIssuer, api: AsyncClient, made: Made, claims: dict[str, Any]
) -> None:
    assert FOREIGN in (await api.get("/merges")).text
    api.headers.update(issuer.bearer(**claims))
    found = {operation: await asked(api, app, operation, made.ids(operation, "", OWN)) for operation in OF_ALL}
    assert {operation: one.status_code for operation, one in found.items() if one.status_code >= 500} == {}
    assert [operation for operation, one in found.items() if FOREIGN in one.text] == []
    assert found["GET /merges"].status_code == 403


@pytest.mark.parametrize("table", ["merge_acts", "merge_proposals"])
async def test_the_database_shows_merges_to_who_sees_all_alone(service: Delivering, table: str) -> None:
    await open_bank(service)
    await merge(service, FOREIGN, OWN, evidence=PROOF)
    for sight, rows in ((ALL, 1), (Sight("own", MANAGER), 0), (Sight("customer", OWN), 0), (NOTHING, 0)):
        async with service.runtime.engine.execution_options(sight=sight).connect() as connection:
            found = await connection.execute(text(f"SELECT count(*) FROM {table}"))
            assert found.scalar_one() == rows, sight
