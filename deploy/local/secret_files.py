"""Files only their owner may read: passwords, keys. Each is made once and never shown."""

import base64
import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path


def write_secret(file: Path, text: str) -> None:
    """Writes a file that nobody else can read at any moment of its life."""
    draft = file.with_suffix(f".{os.getpid()}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        output.write(text)
    draft.replace(file)


def passwords(file: Path, names: Iterable[str]) -> dict[str, str]:
    """A random password for each name; those made before stay."""
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    missing = [name for name in names if name not in known]
    if missing:
        known |= {name: secrets.token_urlsafe(24) for name in missing}
        write_secret(file, json.dumps(known))
    return known


def encryption_key(file: Path) -> Path:
    """A key-encryption key for field encryption, version 1, in the file format services read."""
    if not file.exists():
        write_secret(file, f"1:{base64.b64encode(secrets.token_bytes(32)).decode()}\n")
    return file
