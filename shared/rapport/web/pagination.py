"""Pages by cursor: the last key of a page, opaque to the caller. A list never skips or repeats a row that stays put."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

T = TypeVar("T")
R = TypeVar("R")

MAX_LIMIT = 200
_MAX_CURSOR = 512
_NOT_OURS = "is not a cursor of this list"


class Page(BaseModel, Generic[T]):
    """One page of a list and the cursor of the next one; `next` is null on the last."""

    items: list[T]
    next: str | None = None


def encode_cursor(*keys: str | int) -> str:
    """The sort keys of a page's last row as one opaque text."""
    packed = json.dumps(keys, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode_cursor(cursor: str, types: Sequence[type[str] | type[int]], bits: int = 32) -> tuple[Any, ...]:
    """The keys of `encode_cursor`. Raises ValueError for anything it would not have made with these types.

    `bits`: of the columns of whole numbers.
    """
    if len(cursor) > _MAX_CURSOR or not cursor.isascii():
        raise ValueError(_NOT_OURS)
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        keys = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError(_NOT_OURS) from error
    if not isinstance(keys, list) or [type(key) for key in keys] != list(types):
        raise ValueError(_NOT_OURS)
    if not all(_is_storable(key, bits) for key in keys):
        raise ValueError(_NOT_OURS)
    return tuple(keys)


def _is_storable(key: str | int, bits: int) -> bool:
    """Whether PostgreSQL can compare a column with it: let through here, it would be a 500 there."""
    if isinstance(key, int):
        return key.bit_length() < bits
    return not any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in key)


def malformed_cursor() -> RequestValidationError:
    """422 naming `cursor`: for a cursor whose keys are of the right types and still none of this list."""
    return RequestValidationError([{"type": "value_error", "loc": ("query", "cursor"), "msg": _NOT_OURS}])


@dataclass(frozen=True, slots=True)
class Paging:
    """What a list operation is asked for; declare it as `paging: Annotated[Paging, Depends(Paging.by(str))]`."""

    limit: int
    after: tuple[Any, ...] | None

    @classmethod
    def by(cls, *types: type[str] | type[int], bits: int = 32) -> Callable[..., "Paging"]:
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
                raise malformed_cursor() from None

        return paging

    def page(self, rows: Sequence[R], item: Callable[[R], T], key: Callable[[R], tuple[str | int, ...]]) -> Page[T]:
        """A page of rows fetched with `LIMIT paging.limit + 1`: the row too many tells that there is a next page."""
        shown = rows[: self.limit]
        following = encode_cursor(*key(shown[-1])) if len(rows) > self.limit else None
        return Page(items=[item(row) for row in shown], next=following)
