"""Marked personal values go in by every route and by bad events; no mark comes out, and none lies anywhere in clear."""

import io
from collections.abc import Iterator
from uuid import UUID

import pytest
import structlog
from httpx import AsyncClient

from customer_profile.customer import identity, store
from rapport.messaging import dead_letters
from tests.customer_profile.marks import MARKED, needles, records, requests
from tests.support.delivering import Delivering
from tests.support.logged import logged
from tests.support.tokens import TestIssuer


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    with logged("customer-profile", role="all", level="DEBUG") as found:
        yield found


def marks_in(*texts: str | bytes) -> list[bytes]:
    whole = b"\n".join(text.encode() if isinstance(text, str) else text for text in texts)
    return sorted(needle for needle in needles() if needle in whole)


async def everything_stored(service: Delivering) -> dict[str, str]:
    """Every column of every row of every table, as text: what a dump of the database would show."""
    names = await service.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    dump = {}
    for (name,) in names:
        rows = await service.rows(f"SELECT t::text AS whole FROM {name} t") if not name.startswith("alembic") else []
        dump[name] = "\n".join(row.whole for row in rows)
    return dump


async def test_no_mark_comes_out_of_any_route_or_lies_in_any_table(
    service: Delivering, api: AsyncClient, issuer: TestIssuer, logs: io.StringIO
) -> None:
    api.headers.update(issuer.bearer("data_admin", "service"))
    answers = [await api.request(**asked) for asked in requests()]
    statuses = {answer.status_code for answer in answers}
    assert statuses == {200, 201, 401, 404, 409, 422}, "the marks must be sent by every way"
    for answer in answers:
        headers = str([header for header in answer.headers.items() if header[0] != "content-length"])
        assert marks_in(answer.text, headers) == [], (answer.request.method, answer.status_code)
    assert logs.getvalue().count('"event": "request"') > 100
    assert marks_in(logs.getvalue()) == []
    dump = await everything_stored(service)
    assert {name: marks_in(rows) for name, rows in dump.items() if marks_in(rows)} == {}
    kept = ("profiles", "customer_changes", "look_ups", "corrections", "outbox", "data_keys", "idempotency_keys")
    assert all(dump[name] for name in kept)


async def test_no_mark_comes_out_of_bad_events_or_lies_in_any_table(service: Delivering, logs: io.StringIO) -> None:
    for raw in records(service):
        await service.deliver(raw)
    counts = await service.counts()
    assert counts["dead_lettered"] > 50
    assert counts["received"] == counts["applied"] + counts["dead_lettered"] + counts["skipped"]
    dump = await everything_stored(service)
    assert {name: marks_in(rows) for name, rows in dump.items() if marks_in(rows)} == {}
    assert all(dump[name] for name in ("profiles", "dead_letters", "outbox", "inbox_default"))
    async with service.runtime.engine.connect() as connection:
        listed = await dead_letters.listing(connection, after=UUID(int=0), limit=1000)
    assert len(listed) == counts["dead_lettered"]
    assert marks_in(str([dict(row) for row in listed]), logs.getvalue()) == []


async def test_the_marks_are_there_for_who_holds_the_key(service: Delivering, api: AsyncClient) -> None:
    """Else the tests above would find nothing because nothing was kept."""
    await api.request(**next(requests()))
    await service.deliver(next(records(service)))
    keyring = service.runtime.composition.state["locks"].keyring
    async with service.runtime.engine.connect() as connection:
        stored = await store.load(connection, ["c-marked", "c-event"])
        keys = await keyring.find(connection, stored)
    for customer_id, file in stored.items():
        kept = MARKED.model_dump() | {"phone": f"+86{MARKED.phone}"}
        assert identity.opened(file.identity, keys[customer_id]) == kept
    assert len(stored) == 2


async def test_a_mark_in_a_table_or_a_log_would_be_seen(service: Delivering, logs: io.StringIO) -> None:
    await service.rows_written(
        f"INSERT INTO customers VALUES ('{MARKED.phone}', 1)",
        f"INSERT INTO data_keys VALUES ('c', 1, convert_to('{MARKED.full_name}', 'UTF8'))",
    )
    structlog.get_logger().info("x", reason=MARKED.id_number)
    dump = await everything_stored(service)
    assert marks_in(dump["customers"]) == [b"13987654321"]
    assert marks_in(dump["data_keys"]) == ["欧阳金丝雀".encode().hex().encode()]
    assert marks_in(logs.getvalue()) == [b"110101197707078880"]
