"""Kafka's jars, each pinned by hash in kafka.lock, and where they lie once installed."""

import os
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import StackError
from deploy.local.processes import PROJECT

LOCK = Path(__file__).with_name("kafka.lock")
FOLDER = PROJECT / ".local" / "kafka"


@dataclass(frozen=True, slots=True)
class Jar:
    """One artifact: its path in a Maven repository, and the hash its content must have."""

    path: str
    sha256: str

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.rpartition("/")[2]


def locked() -> list[Jar]:
    """The jars of kafka.lock."""
    lines = [line.split() for line in LOCK.read_text().splitlines() if line and not line.startswith("#")]
    return [Jar(path, sha256) for path, sha256 in lines]


def classpath() -> str:
    """The class path of a complete installation."""
    missing = [jar.name for jar in locked() if not (FOLDER / jar.name).exists()]
    if missing:
        raise StackError(f"{len(missing)} of Kafka's files are missing: run `make install`")
    return os.pathsep.join(str(FOLDER / jar.name) for jar in locked())
