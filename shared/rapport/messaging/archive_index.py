"""What an archive holds, as its `archive.json` says: every file with its SHA-256, and up to when all is there."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from rapport.messaging.log import HistoryMissing
from rapport.messaging.records import TopicPartition

INDEX = "archive.json"


@dataclass(frozen=True, slots=True)
class File:
    """A stretch of one log: the offsets from `begins_at` up to, not including, `ends_at`; its size in bytes."""

    topic: str
    partition: int
    begins_at: int
    ends_at: int
    size: int
    sha256: str

    def path(self, folder: Path) -> Path:
        """Where it lies."""
        return path_of(folder, TopicPartition(self.topic, self.partition), self.begins_at)


@dataclass(slots=True)
class Index:
    """`complete_to` is None until all was archived once; `ends`: where each log ended then; files in their order."""

    complete_to: datetime | None = None
    ends: dict[TopicPartition, int] = field(default_factory=dict)
    files: dict[TopicPartition, list[File]] = field(default_factory=dict)

    def archived_to(self, log: TopicPartition) -> int:
        """The offset after the last that is archived of a log."""
        return self.files[log][-1].ends_at if log in self.files else 0


def path_of(folder: Path, log: TopicPartition, begins_at: int) -> Path:
    """Where the file of a log is that begins at this offset."""
    return folder / log.topic / f"{log.partition:02}-{begins_at:012}.parquet"


def digest(file: IO[bytes]) -> str:
    """SHA-256 of a file that is open at its beginning."""
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def read_index(folder: Path, archiving: Collection[TopicPartition] = ()) -> Index | None:
    """None where nothing was archived. Raises HistoryMissing where the folder does not hold the files of its index.

    Archiving that was broken off may have left one more file of each log; it is `archiving` that writes it anew.
    """
    path, there = folder / INDEX, set(folder.glob("*/*.parquet"))
    if (index := _parsed(path)) is None:
        if there:
            raise HistoryMissing(f"{path} is not there: put it back as it was, or archive into another folder")
        return None
    listed = {file.path(folder): file for files in index.files.values() for file in files}
    if missing := listed.keys() - there:
        raise HistoryMissing(f"{min(missing)} is missing: put it back as it was, or archive into another folder")
    left = {path_of(folder, log, index.archived_to(log)) for log in archiving}
    if unlisted := there - listed.keys() - left:
        raise HistoryMissing(f"{min(unlisted)} is not in {path}: take it away, or archive into {folder} again")
    for one, file in listed.items():
        if one.stat().st_size != file.size:
            raise damaged(one)
    return index


def damaged(path: Path) -> HistoryMissing:
    """What to raise for a file that is not as it was written."""
    return HistoryMissing(f"{path} is damaged: put it back as it was, or archive into another folder")


def unreadable(path: Path, fault: OSError) -> HistoryMissing:
    """What to raise for a file that the system does not give."""
    return HistoryMissing(f"{path} cannot be read ({fault.strerror}): archives are readable by who wrote them alone")


def write_index(folder: Path, index: Index) -> None:
    """Whole or not at all."""
    content = {
        "complete_to": index.complete_to.isoformat() if index.complete_to else None,
        "ends": [[*log, end] for log, end in sorted(index.ends.items())],
        "files": [asdict(file) for _, files in sorted(index.files.items()) for file in files],
    }
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{INDEX}.part"
    unfinished.write_text(json.dumps(content | {"sha256": _digest(content)}, indent=1) + "\n")
    unfinished.replace(folder / INDEX)


def _parsed(path: Path) -> Index | None:
    try:
        content: dict[str, Any] = dict(json.loads(path.read_bytes()))
        if content.pop("sha256") != _digest(content):
            raise damaged(path)
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise unreadable(path, fault) from None
    except (ValueError, TypeError, KeyError):
        raise damaged(path) from None
    index = Index(ends={TopicPartition(topic, number): end for topic, number, end in content["ends"]})
    if content["complete_to"]:
        index.complete_to = datetime.fromisoformat(content["complete_to"])
    for file in (File(**row) for row in content["files"]):
        index.files.setdefault(TopicPartition(file.topic, file.partition), []).append(file)
    return index


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
