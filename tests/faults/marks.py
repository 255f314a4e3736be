"""What a worker leaves behind of itself, though it is killed at the next instant: one line a mark, written at once."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import time


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that happened: `started`, `crashed`, `frozen`, `fenced`, `failed`, `rolled-back`, `stopped`."""

    worker: str
    what: str
    detail: str
    at: float


class MarkFile:
    """Appends to one file from many processes, a line each."""

    def __init__(self, path: Path, worker: str) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._worker = worker

    def write(self, what: str, detail: str = "") -> None:
        """One short line is written whole."""
        line = json.dumps([self._worker, what, detail, time()]) + "\n"
        os.write(self._descriptor, line.encode())


class MarkReader:
    """What was written since the last look, and all there was."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch(mode=0o600)
        self._file = path.open(encoding="utf-8")
        self.seen: list[Mark] = []

    def look(self) -> list[Mark]:
        """New marks."""
        new = list(self._lines())
        self.seen += new
        return new

    def _lines(self) -> Iterator[Mark]:
        while (line := self._file.readline()).endswith("\n"):
            yield Mark(*json.loads(line))

    def of(self, worker: str, what: str, *, since: float = 0.0) -> list[Mark]:
        """All marks of one kind of one worker."""
        self.look()
        return [mark for mark in self.seen if mark.worker == worker and mark.what == what and mark.at >= since]

    def count(self, what: str) -> int:
        """How many marks of one kind there are."""
        self.look()
        return sum(mark.what == what for mark in self.seen)

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
