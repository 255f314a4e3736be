"""The policies a bank begins with: its own files, or the published ones."""

from pathlib import Path

from scoring.policy.documents import PolicyDocument
from scoring.version.files import read_folder

PUBLISHED = Path(__file__).parent / "published"


def read_policies(currency: str, folder: Path | None = None) -> list[PolicyDocument]:
    """All versions for this currency in a folder, by default the published ones. Raises DocumentInvalid."""
    return read_folder(PolicyDocument, folder or PUBLISHED, currency)
