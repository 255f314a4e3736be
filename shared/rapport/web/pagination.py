"""Pages by cursor: the last key of a page, opaque to the caller. A list never skips or repeats a row that stays put."""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from fastapi import Query
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

T = TypeVar("T")
R = TypeVar("R")
Key = str | int | date | datetime | UUID
"""What a list may be sorted by; a moment has a zone."""

MAX_LIMIT = 200
_MAX_CURSOR = 512
_NOT_OURS = "is not a cursor of this list"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Page(BaseModel, Generic[T]):
    """One page of a list and the cursor of the next one; `next` is null on the last."""

    items: list[T]
    next: str | None = None


def encode_cursor(*keys: Key) -> str:
    """The sort keys of a page's last row as one opaque text."""
    said = [key.isoformat() if isinstance(key, date) else str(key) if isinstance(key, UUID) else key for key in keys]
    packed = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode_cursor(cursor: str, types: Sequence[type[Key]], bits: int = 32) -> tuple[Any, ...]:
    """The keys of `encode_cursor`, moments in UTC. Raises ValueError for anything it would not have made with these
    types, and for what PostgreSQL cannot compare a column with: let through here, it would be a 500 there.

    `bits`: of the columns of whole numbers.
    """
    if len(cursor) > _MAX_CURSOR or not cursor.isascii():
        raise ValueError(_NOT_OURS)
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        said = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        keys = said if isinstance(said, list) else []
        return tuple(_key(one, wanted, bits) for one, wanted in zip(keys, types, strict=True))
    except (ValueError, OverflowError, RecursionError) as error:
        raise ValueError(_NOT_OURS) from error


def _key(said: Any, wanted: type[Key], bits: int) -> Key:
    if type(said) is int and wanted is int and said.bit_length() < bits:
        return said
    if type(said) is str and wanted is UUID:
        return UUID(said)
    if type(said) is str and wanted is datetime and (moment := datetime.fromisoformat(said)).tzinfo is not None:
        return moment.astimezone(UTC)  # OverflowError where UTC is outside the years 1 to 9999
    if type(said) is str and wanted is date:
        return date.fromisoformat(said)
    if type(said) is str and wanted is str and not _UNSTORABLE.search(said):
        return said
    raise ValueError(_NOT_OURS)


def _malformed() -> RequestValidationError:
    return RequestValidationError([{"type": "value_error", "loc": ("query", "cursor"), "msg": _NOT_OURS}])


@dataclass(frozen=True, slots=True)
class Paging:
    """What a list operation is asked for; declare it as `paging: Annotated[Paging, Depends(Paging.by(str))]`.

    `after`: the keys of the last row of the page before; None for the first page.
    """

    limit: int
    after: tuple[Any, ...] | None

    @property
    def key(self) -> Any:
        """The same, of a list that is sorted by one key alone."""
        return None if self.after is None else self.after[0]

    @classmethod
    def by(cls, *types: type[Key], bits: int = 32) -> Callable[..., "Paging"]:
        """A dependency for a list sorted by keys of these types; a bad cursor is 422 naming `cursor`.

        `bits`: 64 where a key of whole numbers is a BigInteger.
        """

        def paging(
            limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows a page")] = 50,
            cursor: Annotated[str | None, Query(description="`next` of the page before")] = None,
        ) -> Paging:
            if cursor is None:
                return cls(limit, None)
            try:
                return cls(limit, decode_cursor(cursor, types, bits))
            except ValueError:
                raise _malformed() from None

        return paging

    def page(self, rows: Sequence[R], item: Callable[[R], T], key: Callable[[R], tuple[Key, ...]]) -> Page[T]:
        """A page of rows fetched with `LIMIT paging.limit + 1`: the row too many tells that there is a next page."""
        shown = rows[: self.limit]
        following = encode_cursor(*key(shown[-1])) if len(rows) > self.limit else None
        return Page(items=[item(row) for row in shown], next=following)


@dataclass(frozen=True, slots=True)
class Sorted(Paging):
    """What a list is asked for that the caller orders: by a column, or by the rows' id where it is None.

    `after`: the column's value and the id of the last row, or its id alone. A cursor is of one order.
    """

    order: str
    column: str | None

    @property
    def is_descending(self) -> bool:
        """From the highest down."""
        return self.order.startswith("-")

    @classmethod
    def by_one_of(cls, id_: str, columns: Mapping[str, type[Key]]) -> Callable[..., "Sorted"]:
        """A dependency for a list sorted by its id, a text, or by one of these columns and then the id, up or down."""
        names = [name for column in (id_, *columns) for name in (column, f"-{column}")]
        orders: Any = Literal[tuple(names)]

        def paging(
            limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows a page")] = 50,
            cursor: Annotated[str | None, Query(description="`next` of the page before, in the same order")] = None,
            sort: Annotated[orders, Query(description="The order of the list; with - from the highest down")] = id_,
        ) -> Sorted:
            name = str(sort)
            column = None if (bare := name.removeprefix("-")) == id_ else bare
            after = None
            if cursor is not None:
                types = (str, *([columns[bare]] if column else []), str)
                try:
                    order, *after = decode_cursor(cursor, types)
                except ValueError:
                    raise _malformed() from None
                if order != name:
                    raise _malformed()
            return cls(limit, tuple(after) if after else None, name, column)

        return paging

    def page(self, rows: Sequence[R], item: Callable[[R], T], key: Callable[[R], tuple[Key, ...]]) -> Page[T]:
        """As of any list; the cursor also says the order."""
        return Paging.page(self, rows, item, lambda row: (self.order, *key(row)))
