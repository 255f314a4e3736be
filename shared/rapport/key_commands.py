"""`rotate-master-keys` of every service that encrypts, and what commands over many rows have in common: a bar."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from rapport.composition import Composition, Runtime
from rapport.messaging.observer import Observer
from rapport.privacy import rotation
from rapport.privacy.encryption import KeyUnknown
from rapport.privacy.keyring import Keyring
from rapport.service import Command, Refused
from rapport.settings import ServiceSettings

S = TypeVar("S", bound=ServiceSettings)
Work = Callable[[Runtime, Progress], Awaitable[None]]
_COLUMNS = (
    TextColumn("{task.description}"),
    BarColumn(),
    MofNCompleteColumn(),
    TimeElapsedColumn(),
    TimeRemainingColumn(),
)
_PAGE = 1000


def with_bar(composition: Composition, settings: ServiceSettings, work: Work, *, role: str) -> None:
    """Do this work in a runtime of its own. Raises Refused when a key is missing."""

    async def act() -> None:
        runtime = Runtime(composition, settings, role=role, observer=Observer())
        try:
            with Progress(*_COLUMNS, console=Console()) as progress:
                await work(runtime, progress)
        except KeyUnknown as unknown:
            raise Refused(f"{unknown}: add its line again, for data keys still hang on it") from None
        finally:
            await runtime.close()

    asyncio.run(act())


def no_options(_: argparse.ArgumentParser) -> None:
    """A command without options."""


def rotate_master_keys(_: type[S], keyring_of: Callable[[Composition], Keyring]) -> Command[S]:
    """The command of a service whose keyring is found so."""

    def act(composition: Composition, settings: S, _: argparse.Namespace) -> None:
        keyring = keyring_of(composition)
        with_bar(composition, settings, lambda runtime, progress: rewrap_all(runtime, keyring, progress), role="keys")

    return Command(
        "rotate-master-keys",
        "wrap all data keys under the newest key-encryption key, while the service runs",
        no_options,
        act,
    )


async def rewrap_all(runtime: Runtime, keyring: Keyring, progress: Progress) -> None:
    """Each page is a transaction of its own; after an interruption what is left is what is still under another key."""
    newest = await keyring.store.newest()
    async with runtime.engine.connect() as connection:
        total = await rotation.count_wrapped_by_others(connection, newest)
    bar = progress.add_task("wrapping data keys", total=total)
    done = [rotation.BEGIN]
    while done:
        async with runtime.engine.begin() as connection:
            done = await rotation.rewrap(connection, keyring, newest, after=done[-1], limit=_PAGE)
        progress.advance(bar, len(done))
