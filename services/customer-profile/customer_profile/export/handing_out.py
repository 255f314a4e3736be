"""The rows of an export as they leave: a page in memory at a time, all of one moment, counted as they go."""

import hashlib
import time
from asyncio import Semaphore
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from anyio import CancelScope
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.customer import store as customers
from customer_profile.customer.api.views import CustomerView
from customer_profile.customer.store import Filters
from customer_profile.export.domain import Format, Left
from customer_profile.export.lines import head_of, lines_of
from customer_profile.export.settings import ExportSettings
from rapport.privacy.keyring import Keyring
from rapport.row_security import Sight

PAGE = 200
"""Customers: some 100 KB of lines, 30 ms of opening and masking between two waits."""
LONGEST = timedelta(hours=1)
"""A snapshot keeps what has died since from being cleaned up, and holds a connection. At the slowest
rate measured a million rows take 18 minutes (decision 0077)."""
Pages = AsyncGenerator[tuple[bytes, int], None]
Snapshot = Callable[[], AbstractAsyncContextManager[AsyncConnection]]
Note = Callable[[Left], Awaitable[None]]
"""Called once, at the end."""


@dataclass(frozen=True, slots=True)
class Exporting:
    """What the API needs: how it is set, and the places for who takes rows just now."""

    settings: ExportSettings
    places: Semaphore

    @classmethod
    def of(cls, settings: ExportSettings) -> Self:
        """As the settings say."""
        return cls(settings, Semaphore(settings.hand_outs_at_once))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose rows, as whom they are shown to, in which form."""

    filters: Filters
    sight: Sight
    roles: Collection[str]
    form: Format


async def pages_of(wanted: Wanted, snapshot: Snapshot, keyring: Keyring) -> Pages:
    """The file in pieces, each with the customers in it, by token. `snapshot` opens a transaction that sees one moment.
    Who is archived is in none, whoever takes it: what lies there for the law alone leaves for nothing else.

    Raises TimeoutError when it takes too long.
    """
    until, sight = time.monotonic() + LONGEST.total_seconds(), replace(wanted.sight, sees_archive=False)
    yield head_of(wanted.form), 0
    after = None
    async with snapshot() as connection:
        while files := await customers.page(connection, wanted.filters, sight=sight, after=after, limit=PAGE):
            ids = [file.customer_id for file in files]
            keys = await keyring.find(connection, ids)
            persons = await customers.persons_in_sight(connection, ids, sight=sight)
            shown = [
                CustomerView.of(file, keys.get(i), persons[i], wanted.roles) for i, file in zip(ids, files, strict=True)
            ]
            yield lines_of(wanted.form, shown), len(files)
            after = customers.place_of(files[-1], None)
            if time.monotonic() > until:
                raise TimeoutError("the rows were taken too slowly")


async def counted(pages: Pages, note: Note) -> AsyncGenerator[bytes, None]:
    """The same bytes; whatever ends them, it is noted how many left. Where that fails, the file does not end well."""
    rows, digest, is_whole = 0, hashlib.sha256(), False
    try:
        async with aclosing(pages):
            async for piece, customers_in_it in pages:
                rows += customers_in_it
                digest.update(piece)
                yield piece
        is_whole = True
    finally:
        with CancelScope(shield=True):  # a reader that went away cancels whatever is awaited
            await note(Left(rows, digest.hexdigest(), is_whole))
