"""The policies a bank begins with: its own files, or the published ones."""

from pathlib import Path

from scoring.policy.documents import PolicyDocument
from scoring.version.files import read_files

PUBLISHED = Path(__file__).parent / "published"


def read_policies(currency: str, own: Path | None = None) -> tuple[PolicyDocument, ...]:
    """All versions for this currency of a file or folder, by default the published ones. Raises DocumentInvalid."""
    return read_files(PolicyDocument, own, PUBLISHED, currency)
