"""A portrait is one question to the database, whoever asks and however many files the person has."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import event, text

from rapport.row_security import Sight
from tests.customer_profile.access.bank import FOREIGN, LEAD, MANAGER, OWN, client_of, open_bank
from tests.customer_profile.access.test_tokens import PROOF
from tests.customer_profile.contact.asking import CARE
from tests.customer_profile.merge.merging import merge
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

CALLERS = [("rm", MANAGER), ("team_lead", LEAD), ("support", "e-9"), ("compliance", "e-9")]
OF_THE_DRIVER = ("BEGIN", "COMMIT", "typeinfo_tree", "current_setting('jit')")
"""Of a transaction, and what the driver asks once of each connection for the types that it reads."""


@pytest.fixture
async def asked(service: Delivering) -> AsyncIterator[list[str]]:
    """What the database is asked meanwhile: by SQLAlchemy, which prepares it, or straight through the driver."""
    statements: list[str] = []
    engine = service.runtime.engine.sync_engine

    def prepared(_: Any, __: Any, statement: str, *___: Any) -> None:
        statements.append(statement)

    def listen(connection: Any, *_: Any) -> None:
        connection.driver_connection.add_query_logger(straight)

    def straight(query: Any) -> None:
        if not any(mark in query.query for mark in OF_THE_DRIVER):
            statements.append(query.query)

    event.listen(engine, "before_cursor_execute", prepared)
    event.listen(engine.pool, "checkout", listen)
    yield statements
    event.remove(engine, "before_cursor_execute", prepared)
    event.remove(engine.pool, "checkout", listen)


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize(("role", "who"), CALLERS)
async def test_it_is_one_statement_once_it_is_said_whose_customers_are_in_sight(
    service: Delivering, app: FastAPI, issuer: TestIssuer, asked: list[str], role: str, who: str, *, merged: bool
) -> None:
    await open_bank(service)
    if merged:
        await merge(service, OWN, FOREIGN, evidence=PROOF)
    async with client_of(app, issuer, role, subject=who) as client:
        for _ in range(2):  # a first time costs no statement more than a second
            asked.clear()
            assert (await client.get(f"/customers/{OWN}/portrait")).status_code == 200
            said, read = asked
            assert said.startswith("SELECT set_config('rapport.sight'")
            assert all(part in read for part in ("profiles", "merged_files", "data_keys", "acts_of_person"))


async def test_acts_on_other_files_are_told_for_a_file_in_sight_alone(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await open_bank(service)
    for file in (OWN, FOREIGN):
        told = await api.post(f"/customers/{file}/consents", json=CARE, headers=issuer.bearer("data_admin"))
        assert told.status_code == 201
    await merge(service, OWN, FOREIGN, evidence=PROOF)
    engine = service.runtime.engine.execution_options(sight=Sight("own", MANAGER))
    async with engine.connect() as connection:
        for file, acts in ((OWN, [FOREIGN, OWN]), (FOREIGN, []), ("c-unknown", [])):
            asked = text("SELECT customer_id FROM acts_of_person(:file) ORDER BY 1")
            assert list((await connection.execute(asked, {"file": file})).scalars()) == acts
            seen = await connection.execute(text("SELECT customer_id FROM consent_acts"))
            assert list(seen.scalars()) == [OWN], "what is in sight is afterwards as it was"
