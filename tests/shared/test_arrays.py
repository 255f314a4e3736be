"""What is sent as an array arrives as it was, though asyncpg asks less of its elements than by itself."""

from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any
from uuid import UUID

import pytest
from asyncpg import DataError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from rapport.database import fetch

ELEMENTS = {
    "text": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
    "bytea": st.binary(max_size=20),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "double precision": st.floats(allow_nan=False),
    "boolean": st.booleans(),
    "uuid": st.uuids(),
    "date": st.dates(),
    "timestamptz": st.datetimes(timezones=st.just(UTC)),
}


@pytest.mark.parametrize("kind", ELEMENTS)
@given(data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_list_or_a_tuple_of_any_kind_comes_back_as_it_went(
    engine: AsyncEngine, kind: str, data: st.DataObject
) -> None:
    sent = data.draw(st.lists(st.none() | ELEMENTS[kind], max_size=6))
    async with engine.begin() as connection:
        for array in (sent, tuple(sent)):
            (row,) = await fetch(connection, f"SELECT $1::{kind}[] AS array", array)
            assert row["array"] == sent


async def test_arrays_of_arrays_go_as_they_did(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        (row,) = await fetch(connection, "SELECT $1::int[] AS array", [[1, 2, 3], [4, 5, 6]])
    assert row["array"] == [[1, 2, 3], [4, 5, 6]]


@pytest.mark.parametrize("other", [{1, 2}, {1: 2}, "12", 12, inf, timedelta(1), datetime.now(UTC), UUID(int=1)])
async def test_what_is_neither_list_nor_tuple_is_refused(engine: AsyncEngine, other: Any) -> None:
    """A set is one that asyncpg takes by itself: where it is taken again, the place has another name, and what an
    array costs is asyncpg's own again."""
    async with engine.begin() as connection:
        with pytest.raises(DataError, match="a sized iterable container expected"):
            await fetch(connection, "SELECT $1::int[] AS array", other)
