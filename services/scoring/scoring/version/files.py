"""Documents as files: what a bank begins with, before a version is drafted over REST."""

from pathlib import Path
from typing import TypeVar

from rapport.clock import utc_now
from rapport.documents import DocumentInvalid, read_versions
from scoring.version.documents import AsFile

F = TypeVar("F", bound=AsFile)


def read_files(kind: type[F], own: Path | None, published: Path, currency: str) -> tuple[F, ...]:
    """All versions in this currency, in order, of the bank's `own` file or folder, or of the published folder.

    Raises DocumentInvalid, also where there is none.
    """
    found = read_versions(
        own,
        kind,
        noun=kind.noun,
        published=sorted(published.glob("*.json")),
        today=utc_now().date(),
        only=lambda document: document.currency == currency,
    )
    if not found:
        raise DocumentInvalid(f"{kind.noun}: currency: there is none in {currency} in {own or published}")
    return found
