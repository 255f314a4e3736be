"""Policies as files in a folder: what a bank begins with, before a version is drafted over REST."""

from pathlib import Path

from pydantic import ValidationError

from scoring.policy.documents import PolicyDocument
from scoring.version.documents import in_words

PUBLISHED = Path(__file__).parent / "published"


class PolicyInvalid(Exception):
    """A document is not a policy; the text says which rules it breaks, and where."""


def read_policies(currency: str, folder: Path | None = None) -> list[PolicyDocument]:
    """All versions for this currency in a folder, by default the published ones. Raises PolicyInvalid."""
    place = folder or PUBLISHED
    found = [_read(path) for path in sorted(place.glob("*.json"))]
    mine = [document for document in found if document.currency == currency]
    if not mine:
        raise PolicyInvalid(f"there is no policy in {currency} in {place}")
    return sorted(mine, key=lambda document: document.version)


def _read(path: Path) -> PolicyDocument:
    try:
        return PolicyDocument.model_validate_json(path.read_bytes())
    except ValidationError as invalid:
        raise PolicyInvalid(f"{path.name}: {in_words(invalid)}") from None
