"""What a customer said, and what was answered, is sealed anew under a new key of the customer's and read as before."""

from datetime import timedelta

import httpx
import pytest
from rich.progress import Progress
from sqlalchemy import Column, MetaData, Table, Text, Uuid

from rapport.clock import utc_now
from rapport.key_commands import rotate_data_keys
from rapport.privacy.catalogue.columns import Sealed
from rapport.privacy.encryption import CannotDecrypt
from rapport.privacy.sealing_anew import SealedTable, seal_anew, sealed_tables
from tests.feedback.said import HOUR, hear, submitted
from tests.support.delivering import Delivering

ANSWER = {"text": "手续费已退回 refunded"}


@pytest.fixture
async def case(api: httpx.AsyncClient, service: Delivering) -> str:
    """A complaint that was answered."""
    await hear(service, submitted(submitted_at=utc_now() - HOUR))
    path = f"/cases/{(await api.get('/cases')).json()['items'][0]['case_id']}"
    assert (await api.post(f"{path}/response", json=ANSWER)).status_code == 201
    return path


async def test_every_word_of_a_case_is_read_as_before_under_the_new_key(
    api: httpx.AsyncClient, service: Delivering, case: str
) -> None:
    before = (await api.get(case)).json()
    assert ANSWER["text"] in str(before)
    with Progress(disable=True) as progress:
        await rotate_data_keys(service.runtime, progress, made_before=utc_now(), grace=timedelta(0))
    assert (await api.get(case)).json() == before
    assert [row.generation for row in await service.rows("SELECT generation FROM data_keys")] == [2]
    sealed = await service.rows(
        "SELECT text FROM cases UNION ALL SELECT words FROM case_events WHERE words IS NOT NULL"
    )
    assert {row.text[2] for row in sealed} == {2}
    assert len(sealed) == 2


async def test_a_table_that_says_wrongly_what_its_values_are_bound_to_stops_the_rotation_and_loses_nothing(
    api: httpx.AsyncClient, service: Delivering, case: str
) -> None:
    before = (await api.get(case)).json()
    wrong = MetaData()
    Table(
        "cases", wrong, Column("case_id", Uuid, primary_key=True), Column("customer_id", Text), Column("text", Sealed)
    )
    keyring = service.runtime.composition.keyring
    customers = [row.customer_id for row in await service.rows("SELECT customer_id FROM data_keys")]
    with pytest.raises(CannotDecrypt):
        async with service.runtime.transactions.begin(customers=customers) as tx:
            await seal_anew(tx.connection, keyring, sealed_tables(wrong), customers)
    assert (await api.get(case)).json() == before
    assert [row.generation for row in await service.rows("SELECT generation FROM data_keys")] == [1]


def test_a_sealed_table_of_nobody_is_refused() -> None:
    table = Table("words", MetaData(), Column("word_id", Uuid, primary_key=True), Column("text", Sealed("word_id")))
    with pytest.raises(ValueError, match=r"words has sealed columns and no customer: name its owner"):
        SealedTable.of(table)
