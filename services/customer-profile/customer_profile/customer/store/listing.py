"""The one query by which customers are listed: what is wanted, in which order, after which row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.customer.domain import CustomerClass, File, Relationship, Status, Type
from customer_profile.customer.store.files import file_of, profiles
from customer_profile.customer.store.sight import in_sight
from rapport.row_security import Sight

ORDERS: Mapping[str, type[date]] = {"customer_since": date, "as_of": datetime}
"""Columns that customers are listed by, beside their token, and of what type each is."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a customer must be to be listed; None for anything. Days are included."""

    unit: str | None = None
    region: str | None = None
    relationship_manager: str | None = None
    customer_class: CustomerClass | None = None
    type: Type | None = None
    status: Status | None = None
    relationship: Relationship | None = None
    since_from: date | None = None
    since_until: date | None = None


def place_of(file: File, order: str | None) -> tuple[str | date, ...]:
    """Where a file stands in that order: what goes into `after`."""
    first = {"customer_since": file.facts.customer_since, "as_of": file.as_of}
    return (first[order], file.customer_id) if order else (file.customer_id,)


_SINCE = ("since_from", "since_until")
_EQUAL = tuple(name for name in Filters.__slots__ if name not in _SINCE)


def conditions(wanted: Filters, sight: Sight) -> Iterator[ColumnElement[bool]]:
    """What the rows must meet."""
    yield in_sight(sight)
    for name in _EQUAL:
        if (value := getattr(wanted, name)) is not None:
            yield profiles.c[name] == value
    if wanted.since_from is not None:
        yield profiles.c.customer_since >= wanted.since_from
    if wanted.since_until is not None:
        yield profiles.c.customer_since <= wanted.since_until


def statement(
    wanted: Filters,
    *,
    sight: Sight,
    after: tuple[Any, ...] | None,
    limit: int,
    order: str | None = None,
    is_descending: bool = False,
) -> Select[Any]:
    """The next files by a column of ORDERS, then by token; by token alone without one. `after`: a file's place."""
    keys: list[Column[Any]] = [*([profiles.c[order]] if order else []), profiles.c.customer_id]
    found = select(profiles).where(*conditions(wanted, sight))
    if after is not None:
        here = tuple_(*keys)
        found = found.where(here < after if is_descending else here > after)
    return found.order_by(*(key.desc() if is_descending else key for key in keys)).limit(limit)


async def page(
    connection: AsyncConnection,
    wanted: Filters,
    *,
    sight: Sight,
    after: tuple[Any, ...] | None,
    limit: int,
    order: str | None = None,
    is_descending: bool = False,
) -> list[File]:
    """The files of `statement`."""
    asked = statement(wanted, sight=sight, after=after, limit=limit, order=order, is_descending=is_descending)
    return [file_of(row) for row in (await connection.execute(asked)).mappings()]
