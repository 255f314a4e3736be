"""Whether each key is still the one it was: a mark of every version, kept when it is first seen, is compared at start.

Under another key of the same version events would not open and become dead letters, new customers would be sealed so
that the right file cannot read them, and equal numbers would no longer find each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.privacy.encryption import KeyFileInvalid, MasterKeys, bound

_KEEP = text(
    "INSERT INTO key_checks (name, version, digest) SELECT * FROM "
    "unnest(CAST(:names AS text[]), CAST(:versions AS smallint[]), CAST(:digests AS bytea[])) ORDER BY 1, 2 "
    "ON CONFLICT DO NOTHING"
)
_KEPT = text("SELECT name, version, digest FROM key_checks")


class KeyChanged(KeyFileInvalid):
    """A key file holds another key under a version that was in use; the text names file and version, never a key."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """`setting`: the variable that names the file."""

    setting: str
    path: Path
    keys: MasterKeys


async def check_keys(connection: AsyncConnection, service: str, files: Sequence[KeyFile]) -> None:
    """Keep the marks of versions not seen before, and compare the others. Raises KeyChanged, and must not commit then.

    A mark is derived from the key for this purpose alone (HKDF): neither the key nor what it seals can be had from it.
    """
    marks = {(f.setting, version): _mark(service, f, version) for f in files for version in f.keys.keys}
    names, versions = zip(*marks, strict=True)
    # Inserted first: of two processes that start at once with different keys, the second waits and is then refused.
    await connection.execute(_KEEP, {"names": names, "versions": versions, "digests": list(marks.values())})
    kept = {(row.name, row.version): row.digest for row in await connection.execute(_KEPT)}
    for file in files:
        for version in sorted(file.keys.keys):
            if kept[file.setting, version] != marks[file.setting, version]:
                raise KeyChanged(
                    f"{file.setting}: under version {version} the key file {file.path} holds another key than the one "
                    "in use before; nothing was done. Put that key back: a new one takes a new version "
                    "(docs/runbooks/keys.md)"
                )


def _mark(service: str, file: KeyFile, version: int) -> bytes:
    return file.keys.derived_bytes(version, bound("rapport", "key-check", service, file.setting, str(version)))
