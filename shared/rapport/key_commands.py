"""`rotate-master-keys` and `rotate-data-keys` of every service that encrypts, behind a bar.

Long work that goes on where it was, while the service runs.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from rapport.clock import utc_now
from rapport.composition import Composition, Runtime
from rapport.errors import NotReady
from rapport.messaging.observer import Observer
from rapport.privacy import rotation
from rapport.privacy.encryption import Altered, KeyUnknown
from rapport.privacy.keyring import Keyring
from rapport.privacy.sealing_anew import seal_anew, sealed_tables
from rapport.service import Command, Refused
from rapport.settings import ServiceSettings

Work = Callable[[Runtime, Progress], Awaitable[None]]
_COLUMNS = (
    TextColumn("{task.description}"),
    BarColumn(),
    MofNCompleteColumn(),
    TimeElapsedColumn(),
    TimeRemainingColumn(),
)
_KEYS = 1000
_CUSTOMERS = 500
"""Customers a transaction, and so locked together: who wants one of them waits for the page."""
_GRACE = timedelta(seconds=60)
"""An old generation stays so long after it was replaced: no request or poll that began before lasts longer."""


def with_bar(composition: Composition, settings: ServiceSettings, work: Work, *, role: str) -> None:
    """Do this work in a runtime of its own. Raises KeyChanged before it begins, and Refused when a key, or
    what keeps it, is missing, or a value was altered.
    """

    async def act() -> None:
        runtime = Runtime(composition, settings, role=role, observer=Observer())
        try:
            await runtime.check_keys()
            with Progress(*_COLUMNS, console=Console()) as progress:
                await work(runtime, progress)
        except KeyUnknown as unknown:
            raise Refused(f"{unknown}: data keys still hang on it, so have it back first") from None
        except NotReady as missing:
            raise Refused(str(missing)) from None
        except Altered as altered:
            raise Refused(f"{altered}: nothing of its page was changed; see docs/runbooks/keys.md") from None
        finally:
            await runtime.close()

    asyncio.run(act())


def no_options(_: argparse.ArgumentParser) -> None:
    """A command without options."""


def _rewrap(composition: Composition, settings: ServiceSettings, _: argparse.Namespace) -> None:
    with_bar(composition, settings, rewrap_all, role="keys")


def _renew(composition: Composition, settings: ServiceSettings, asked: argparse.Namespace) -> None:
    made_before: datetime = asked.made_before or utc_now()

    async def work(runtime: Runtime, progress: Progress) -> None:
        progress.console.print(f"to go on after an interruption: --made-before {made_before.isoformat()}")
        await rotate_data_keys(runtime, progress, made_before=made_before)

    with_bar(composition, settings, work, role="keys")


def _moment(word: str) -> datetime:
    moment = datetime.fromisoformat(word)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("has no offset from UTC, such as +08:00")
    return moment


def _add_moment(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--made-before",
        metavar="TIME",
        type=_moment,
        help="replace data keys made before this; the same again goes on after an interruption (now)",
    )


KEY_COMMANDS: list[Command[Any]] = [
    Command(
        "rotate-master-keys",
        "wrap all data keys under the newest key-encryption key, while the service runs",
        no_options,
        _rewrap,
    ),
    Command(
        "rotate-data-keys",
        "give every customer a new data key and seal all that is theirs anew, while the service runs",
        _add_moment,
        _renew,
    ),
]


def keyring_of(runtime: Runtime) -> Keyring:
    """The keyring of a service that encrypts."""
    keyring = runtime.composition.keyring
    assert keyring is not None, "a service that has these commands has a keyring"
    return keyring


async def rewrap_all(runtime: Runtime, progress: Progress) -> None:
    """Each page is a transaction of its own; after an interruption what is left is what is still under another key."""
    keyring = keyring_of(runtime)
    newest = await keyring.store.newest()
    async with runtime.engine.connect() as connection:
        total = await rotation.count_wrapped_by_others(connection, newest)
    bar = progress.add_task("wrapping data keys", total=total)
    done = [rotation.BEGIN]
    while done:
        async with runtime.engine.begin() as connection:
            done = await rotation.rewrap(connection, keyring, newest, after=done[-1], limit=_KEYS)
        progress.advance(bar, len(done))


async def rotate_data_keys(
    runtime: Runtime, progress: Progress, *, made_before: datetime, grace: timedelta = _GRACE
) -> None:
    """A new data key for each customer whose newest is older than this, and every value under it; then the old ones go.

    Each page is a transaction of its own: a customer is under the new key whole, or not at all.
    """
    keyring, tables = keyring_of(runtime), sealed_tables(runtime.composition.metadata)
    async with runtime.engine.connect() as connection:
        total = await rotation.count_made_before(connection, made_before)
    bar = progress.add_task("new data keys", total=total)
    after = ""
    while customers := await _next_of_before(runtime, made_before, after):
        async with runtime.transactions.begin(customers=customers) as tx:
            await seal_anew(tx.connection, keyring, tables, customers)
        progress.advance(bar, len(customers))
        after = customers[-1]
    await asyncio.sleep(grace.total_seconds() if total else 0)
    done = [rotation.BEGIN]
    while done:
        async with runtime.engine.begin() as connection:
            done = await rotation.retire(connection, grace=grace, after=done[-1], limit=_KEYS)


async def _next_of_before(runtime: Runtime, made_before: datetime, after: str) -> list[str]:
    async with runtime.engine.connect() as connection:
        return await rotation.customers_of_before(connection, made_before, after=after, limit=_CUSTOMERS)
