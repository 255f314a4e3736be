"""Two starts of one stack at once: the second is told who holds it. The system frees the lock with its holder."""

import fcntl
import os
from pathlib import Path

from deploy.local.errors import StackError


class LockFile:
    """Held by one process at a time; a lock whose holder was killed is free."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._handle: int | None = None

    def take(self) -> None:
        """Raises StackError when another process holds it."""
        if self._handle is not None:
            return
        handle = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 32).decode().strip() or "unknown"
            os.close(handle)
            raise StackError(
                f"{self._file.parent.name} is already in use by process {holder}: end it first (Ctrl-C there)"
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        self._handle = handle

    def is_held(self) -> bool:
        """Whether some process holds it now."""
        try:
            handle = os.open(self._file, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    def release(self) -> None:
        """Frees it; the file stays, since removing it would let two holders in."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
