"""Documents as files in a folder: what a bank begins with, before a version is drafted over REST."""

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from rapport.documents import in_words
from scoring.version.documents import AsFile
from scoring.version.domain.faults import DocumentInvalid

F = TypeVar("F", bound=AsFile)


def read_folder(kind: type[F], folder: Path, currency: str) -> list[F]:
    """All versions for this currency, in order. Raises DocumentInvalid, also where there is none."""
    found = [read_file(kind, path) for path in sorted(folder.glob("*.json"))]
    mine = [document for document in found if document.currency == currency]
    if not mine:
        raise DocumentInvalid(f"there is no {kind.noun} in {currency} in {folder}")
    return sorted(mine, key=lambda document: document.version)


def read_file(kind: type[F], path: Path) -> F:
    """One version. Raises DocumentInvalid with every fault, OSError where the file cannot be read."""
    try:
        return kind.model_validate_json(path.read_bytes())
    except ValidationError as invalid:
        raise DocumentInvalid(f"{path.name}: {in_words(invalid)}") from None
