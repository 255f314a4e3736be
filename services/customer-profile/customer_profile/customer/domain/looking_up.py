"""What is kept of a look-up: who looked, when, by which field, to what end, and whether somebody was found."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class LookUp:
    """`customers` are answered and not kept: of them only whether there were any. `refused`: nothing was looked up,
    since the caller asked too often.
    """

    id: UUID
    field: str
    purpose: str
    asked_by: str
    asked_at: datetime
    customers: tuple[str, ...]
    refused: bool = False
