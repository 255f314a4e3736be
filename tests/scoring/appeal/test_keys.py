"""What people wrote about a customer is sealed anew under a new key of the customer's, and nothing else of it moves."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from rich.progress import Progress
from sqlalchemy.exc import DBAPIError

from rapport.clock import utc_now
from rapport.key_commands import rotate_data_keys
from tests.scoring.override.office import SECRET, Office, done, office_of
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

APPEAL = {"revision": 1, "note": "the salary is paid abroad"}
ANSWER = {"outcome": "upheld", "reason": "decision-correct", "note": "seen the statements"}


@pytest.fixture
async def office(bank: Delivering, issuer: TestIssuer) -> AsyncIterator[Office]:
    async with office_of(bank, issuer) as found:
        yield found


async def test_notes_of_overrides_appeals_and_answers_are_read_as_before(office: Office) -> None:
    override_id = await office.put_on()
    appeal_id = (await done(office.channel.post("/standings/c-1/appeals", json=APPEAL)))["appeal_id"]
    await done(office.officer.post(f"/appeals/{appeal_id}/answer", json=ANSWER))
    paths = [f"/overrides/{override_id}", f"/appeals/{appeal_id}"]
    before = [(await office.officer.get(path)).json() for path in paths]
    assert (before[0]["note"], before[1]["note"], before[1]["answer_note"]) == (SECRET, APPEAL["note"], ANSWER["note"])
    with Progress(disable=True) as progress:
        await rotate_data_keys(office.service.runtime, progress, made_before=utc_now(), grace=timedelta(0))
    assert [(await office.officer.get(path)).json() for path in paths] == before
    assert [row.generation for row in await office.service.rows("SELECT generation FROM data_keys")] == [2]
    for table in ("overrides", "appeals", "appeal_answers"):
        assert [row.note[2] for row in await office.service.rows(f"SELECT note FROM {table}")] == [2]


@pytest.mark.parametrize("change", ["tier = 'low'", "note = NULL", "until = until + interval '1 day'"])
async def test_all_else_that_people_did_still_only_grows(office: Office, change: str) -> None:
    await office.put_on()
    with pytest.raises(DBAPIError, match="only grows"):
        await office.service.rows_written(f"UPDATE overrides SET {change}")
    with pytest.raises(DBAPIError, match="only grows"):
        await office.service.rows_written("DELETE FROM overrides")
