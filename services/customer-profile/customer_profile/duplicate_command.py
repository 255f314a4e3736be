"""`python -m customer_profile duplicates`: finds files that may be of one person, and leaves it to people to say so.

Identity is opened a page at a time and lies in the memory of this process alone, which ends with the run.
"""

import argparse
from pathlib import Path

from rich.progress import Progress

from customer_profile.customer.identity import Locks
from customer_profile.duplicate import store
from customer_profile.duplicate.domain.comparing import Comparable
from customer_profile.duplicate.domain.pairs import Changes
from customer_profile.duplicate.handlers import AnotherRun, keep_found, read_page
from customer_profile.duplicate.model import Linkage, read_linkage
from customer_profile.settings import Settings
from rapport.clock import utc_now
from rapport.composition import Composition, Runtime
from rapport.documents import DocumentInvalid
from rapport.key_commands import with_bar
from rapport.privacy.encryption import CannotDecrypt, KeyUnknown
from rapport.service import Command, Refused

_PAGE = 2_000


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="say what would change and write nothing")
    parser.add_argument("--model", type=Path, metavar="FILE", help="the bank's own model instead of the published one")
    parser.add_argument(
        "--memory", default="2GB", help="that comparing may take; it fails beyond, for nothing is spilled (%(default)s)"
    )


def _act(composition: Composition, settings: Settings, asked: argparse.Namespace) -> None:
    try:
        linkage = read_linkage(asked.model)
    except DocumentInvalid as fault:
        raise Refused(str(fault)) from None

    async def work(runtime: Runtime, progress: Progress) -> None:
        changes = await find_duplicates(runtime, progress, linkage, memory=asked.memory, is_dry=asked.dry_run)
        progress.console.print(_said(changes, is_dry=asked.dry_run))

    with_bar(composition, settings, work, role="duplicates")


async def find_duplicates(
    runtime: Runtime, progress: Progress, linkage: Linkage, *, memory: str = "2GB", is_dry: bool = False
) -> Changes:
    """Read all files, compare them, keep what was found in one transaction. Run again, it begins anew.

    Raises Refused: where memory does not suffice, a value does not open, another run is writing.
    """
    from customer_profile.duplicate.linking import OutOfMemory, likenesses  # noqa: PLC0415 - Splink, that no role needs

    at = utc_now()
    files = await _read(runtime, progress)
    bar = progress.add_task("comparing", total=1)
    try:
        found = likenesses(files, linkage, least=linkage.proposed_from, memory=memory)
        progress.advance(bar)
        async with runtime.transactions.begin() as tx:
            return await keep_found(tx, found, model=linkage.title, at=at, is_dry=is_dry)
    except OutOfMemory as refusal:
        raise Refused(str(refusal)) from None
    except AnotherRun:
        raise Refused("another run is writing what it has found: start again when it is over") from None


async def _read(runtime: Runtime, progress: Progress) -> list[Comparable]:
    locks: Locks = runtime.composition.state["locks"]
    async with runtime.engine.connect() as connection:
        total = await store.count_files(connection)
    bar = progress.add_task("opening files", total=total)
    files: list[Comparable] = []
    after: str | None = ""
    while after is not None:
        try:
            async with runtime.engine.connect() as connection:
                page, after = await read_page(connection, locks, after=after, limit=_PAGE)
        except KeyUnknown:
            raise
        except CannotDecrypt:
            where = f"among the {_PAGE:,} after {after}" if after else f"among the first {_PAGE:,}"
            raise Refused(f"a file {where} was altered and does not open: see docs/runbooks/keys.md") from None
        files += page
        progress.advance(bar, _PAGE)
    return files


def _said(changes: Changes, *, is_dry: bool) -> str:
    would = "would be " if is_dry else ""
    counts = {"new": changes.new, "changed": changes.changed, "opened again": changes.reopened, "gone": changes.gone}
    return "pairs: " + ", ".join(f"{len(pairs):,} {would}{word}" for word, pairs in counts.items())


DUPLICATES = Command(
    "duplicates",
    "find files that may be of one person and put them before people, while the service runs",
    _add_options,
    _act,
)
