"""Reads the .asc files: semicolons, quotes, and lines that may be damaged.

A damaged line of the tables that say who is who stops the reading with one clear sentence; a damaged transaction is
kept as it is, for it must become a dead letter and not a gap.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COLUMNS: dict[str, tuple[str, ...]] = {
    "account": ("account_id", "district_id", "frequency", "date"),
    "client": ("client_id", "birth_number", "district_id"),
    "disp": ("disp_id", "client_id", "account_id", "type"),
    "order": ("order_id", "account_id", "bank_to", "account_to", "amount", "k_symbol"),
    "loan": ("loan_id", "account_id", "date", "amount", "duration", "payments", "status"),
    "card": ("card_id", "disp_id", "type", "issued"),
    "district": tuple(f"A{number}" for number in range(1, 17)),
    "trans": (
        "trans_id",
        "account_id",
        "date",
        "type",
        "operation",
        "amount",
        "balance",
        "k_symbol",
        "bank",
        "account",
    ),
}
Row = dict[str, str]


class UnreadableFile(Exception):
    """A file that is missing or is not what it should be: the text names it, and says what to do."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """A line that is no row."""

    number: int
    raw: bytes
    cells: tuple[str, ...]


def rows(folder: Path, name: str) -> list[Row]:
    """All rows of a table that must be whole."""
    found = []
    for line in lines(folder, name):
        if isinstance(line, Damaged):
            raise UnreadableFile(f"{_path(folder, name)}: line {line.number} is damaged; take a fresh copy of the file")
        found.append(line)
    return found


def lines(folder: Path, name: str) -> Iterator[Row | Damaged]:
    """The lines of a file below its header, in the order of the file."""
    path, columns = _path(folder, name), COLUMNS[name]
    raw_lines = _content(path).split(b"\n")
    if _cells(raw_lines[0]) != columns:
        raise UnreadableFile(f"{path}: the first line must name the columns {';'.join(columns)}; is it a Berka file?")
    for number, ended in enumerate(raw_lines[1:], start=2):
        raw = ended.rstrip(b"\r")
        if raw:
            cells = _cells(raw)
            is_whole = len(cells) == len(columns) and raw.count(b'"') % 2 == 0
            yield dict(zip(columns, cells, strict=True)) if is_whole else Damaged(number, raw, cells)


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.asc"


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        reason = (fault.strerror or "cannot be read").lower()
        raise UnreadableFile(
            f"{path}: {reason}; DATA must be the folder of the eight Berka files (account.asc, client.asc, … trans.asc)"
        ) from None


def _cells(raw: bytes) -> tuple[str, ...]:
    """Latin-1 cannot fail; the files are ASCII, and no text of theirs is told."""
    return tuple(cell.strip('"').strip() for cell in raw.decode("latin-1").rstrip("\r").split(";"))
