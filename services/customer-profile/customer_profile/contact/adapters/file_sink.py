"""A file instead of a channel, for a bank that picks messages up itself, and for trying things out.

One JSON object a line. It holds who is told what, in clear: only its owner may read it.
"""

import asyncio
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from threading import Lock

from customer_profile.contact.adapters import Message
from rapport.clock import utc_now

_OWNER_ONLY = 0o600


class FileSink:
    """Appends each message once, whichever process offers it and however often.

    The file may be moved away while it is written: a new one is begun. Who has moved it and then held its lock (flock)
    once has all of it. What stands in the moved one is known to the processes that read it, and to no later one.
    """

    name = "file"

    def __init__(self, folder: Path) -> None:
        self._path = folder / "contacts.jsonl"
        self._lock = Lock()
        self._taken: set[str] = set()
        self._number: int | None = None
        self._read_to = 0

    async def hand_over(self, key: str, message: Message) -> None:
        """On return it is on the disk. Raises OSError."""
        await asyncio.to_thread(self._append, key, message)

    async def close(self) -> None:
        """Nothing is open between two messages."""

    def _append(self, key: str, message: Message) -> None:
        with self._lock, self._locked() as file:
            self._read(file)
            if key not in self._taken:
                self._write(file, {"key": key, "at": utc_now().isoformat(), **asdict(message)})
                self._taken.add(key)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """The file that is there, held against other processes until it is closed."""
        while True:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                if self._is_here(file):
                    yield file
                    return
            finally:
                os.close(file)

    def _is_here(self, file: int) -> bool:
        """Not where it was moved away while its lock was waited for: who moved it may have read it to its end."""
        with suppress(FileNotFoundError):
            return os.path.samestat(os.fstat(file), self._path.stat())
        return False

    def _read(self, file: int) -> None:
        """What was appended since the last time, by whomever; from its beginning where it is another file by now."""
        status = os.fstat(file)
        if status.st_ino != self._number or status.st_size < self._read_to:
            self._number, self._read_to = status.st_ino, 0
        os.lseek(file, self._read_to, os.SEEK_SET)
        added = bytearray()
        while part := os.read(file, 1 << 20):
            added += part
        whole = bytes(added[: added.rfind(b"\n") + 1])
        for line in whole.splitlines():
            with suppress(ValueError, KeyError, TypeError):
                self._taken.add(json.loads(line)["key"])
        self._read_to += len(whole)

    def _write(self, file: int, line: dict[str, str]) -> None:
        # A line that was cut off when its writer died was never acknowledged: it goes, and is offered again.
        os.ftruncate(file, self._read_to)
        os.lseek(file, self._read_to, os.SEEK_SET)
        with os.fdopen(os.dup(file), "wb") as whole:
            whole.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        os.fsync(file)
