"""The rows of an export leave a page at a time: all of one moment, in memory that does not grow, counted to the end."""

import csv
import hashlib
import io
import json
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.customer.store import Filters, profiles
from customer_profile.export.domain import Left
from customer_profile.export.handing_out import PAGE, Wanted, counted, pages_of
from customer_profile.export.lines import COLUMNS, cell
from rapport.row_security import ALL
from tests.customer_profile.access.bank import open_bank
from tests.customer_profile.export.asking import asked_for, decided, taken
from tests.customer_profile.marks import MARKED
from tests.support.delivering import Delivering
from tests.support.sight import FOREIGN, OWN, client_of
from tests.support.tokens import TestIssuer

EVERYBODY = Wanted(Filters(), ALL, ["data_admin"], "ndjson")


async def filled(service: Delivering, number: int) -> None:
    """A book of so many customers; all but two are copies, whose identity nobody can read for want of a key."""
    if not await service.rows("SELECT 1 FROM profiles"):
        await open_bank(service)
    columns = ", ".join(column.name for column in profiles.columns if not column.computed and not column.primary_key)
    await service.rows_written(
        f"INSERT INTO profiles (customer_id, {columns}) SELECT 'x-' || lpad(n::text, 6, '0'), {columns} "
        f"FROM profiles, generate_series(1, {number - 2}) n WHERE customer_id = '{OWN}' ON CONFLICT DO NOTHING"
    )


@asynccontextmanager
async def snapshot(service: Delivering) -> AsyncIterator[AsyncConnection]:
    """As the API opens one."""
    async with service.runtime.engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        async with connection.begin():
            yield connection


def pages(service: Delivering, wanted: Wanted = EVERYBODY) -> Any:
    """The file in pieces."""
    return pages_of(wanted, partial(snapshot, service), service.runtime.composition.state["locks"].keyring)


async def test_every_customer_is_in_it_once_as_of_the_moment_it_began(service: Delivering) -> None:
    await filled(service, 2 * PAGE + 3)
    found, sizes = [], []
    async for piece, customers in pages(service):
        sizes.append(customers)
        found += piece.decode().splitlines()
        if len(sizes) == 2:
            await service.rows_written(
                "UPDATE profiles SET unit = 'B9'",
                "DELETE FROM profiles WHERE customer_id = 'x-000300'",
                "UPDATE profiles SET customer_id = 'zz' WHERE customer_id = 'x-000301'",
            )
    assert sizes == [0, PAGE, PAGE, 3]
    assert len(set(found)) == len(found) == 2 * PAGE + 3
    assert [line for line in found if '"unit":"B9"' in line or '"zz"' in line] == []


async def test_memory_does_not_grow_with_the_book(service: Delivering) -> None:
    peaks = []
    for number in (2 * PAGE, 20 * PAGE):
        await filled(service, number)
        peaks.append(await peak_of(service))
    assert peaks[1] < 1.2 * peaks[0]


async def peak_of(service: Delivering) -> int:
    """The most bytes held while all is taken and nothing kept."""
    async for _ in pages(service):
        pass
    tracemalloc.start()
    async for _ in pages(service):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


async def test_what_breaks_off_is_counted_as_far_as_it_left_and_is_not_whole(service: Delivering) -> None:
    await filled(service, 2 * PAGE)
    noted: list[Left] = []

    async def note(left: Left) -> None:
        noted.append(left)

    file = counted(pages(service), note)
    left = [await anext(file), await anext(file)]
    await file.aclose()
    assert noted == [Left(PAGE, hashlib.sha256(b"".join(left)).hexdigest(), is_whole=False)]


async def test_who_hangs_up_may_take_it_again(app: FastAPI, issuer: TestIssuer, service: Delivering) -> None:
    await filled(service, 3 * PAGE)
    async with client_of(app, issuer, "data_admin", subject="e-steward") as client:
        export_id = await asked_for(client)
        await decided(app, issuer, export_id)
        await hang_up(app, f"/exports/{export_id}/rows", str(client.headers["authorization"]))
        whole = await client.get(f"/exports/{export_id}/rows")
        (shown,) = (await client.get("/exports")).json()["items"]
    first, second = shown["hand_outs"]
    assert (first["is_whole"], first["row_count"] < 3 * PAGE) == (False, True)
    assert (second["is_whole"], second["row_count"], shown["state"]) == (True, 3 * PAGE, "handed-out")
    assert second["digest"] == hashlib.sha256(whole.content).hexdigest()


async def hang_up(app: FastAPI, path: str, authorization: str) -> None:
    """Ask for a file and go away after the second piece of it."""
    pieces = []

    async def send(message: Any) -> None:
        pieces.append(message)
        if len(pieces) > 2:
            raise OSError("the reader is gone")

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": "GET",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "scheme": "http",
        "headers": [(b"authorization", authorization.encode())], "server": ("t", 80), "client": ("t", 1),
    }  # fmt: skip
    await app(scope, receive, send)
    assert len(pieces) == 3


async def test_csv_is_of_rfc_4180_and_opens_in_excel(app: FastAPI, issuer: TestIssuer, service: Delivering) -> None:
    await open_bank(service, identity=MARKED)
    content = await taken(app, issuer, "compliance", "csv")
    assert content.startswith(b"\xef\xbb\xbfcustomer_id,")
    assert content.count(b"\r\n") == content.count(b"\n") == 3
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert [(row["full_name"], row["phone"], row["files"]) for row in rows] == [
        ("欧*", "139****4321", customer_id) for customer_id in (FOREIGN, OWN)
    ]


@given(st.one_of(st.text(), st.lists(st.text()), st.dictionaries(st.text(), st.text()), st.none(), st.booleans()))
def test_no_cell_is_a_formula(value: Any) -> None:
    assert not cell(value).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [("=1+1", "'=1+1"), ("B0017", "B0017"), (None, ""), (True, "true"), (3, "3"), (["a", "b"], "a b"), (["-a"], "'-a")],
)
def test_a_cell_says_what_the_view_does(value: Any, expected: str) -> None:
    assert cell(value) == expected


@pytest.mark.parametrize("roles", [["compliance"], ["data_admin", "compliance"], ["data_admin"]])
async def test_who_is_archived_is_in_no_export_whoever_takes_it(
    app: FastAPI, service: Delivering, issuer: TestIssuer, roles: list[str]
) -> None:
    await open_bank(service)
    await service.rows_written(f"UPDATE profiles SET archived_at = now() WHERE customer_id = '{OWN}'")
    async with client_of(app, issuer, *roles, subject="e-taker") as taker:
        listed = [one["customer_id"] for one in (await taker.get("/customers")).json()["items"]]
        assert (OWN in listed) == ("compliance" in roles)
        export_id = await asked_for(taker)
        await decided(app, issuer, export_id)
        file = await taker.get(f"/exports/{export_id}/rows", params={"format": "ndjson"})
    assert [json.loads(line)["customer_id"] for line in file.text.splitlines()] == [FOREIGN]
