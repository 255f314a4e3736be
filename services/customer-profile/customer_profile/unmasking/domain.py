"""What an unmasking is: who saw which field of whom, to what end and why. Never what the field holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from rapport.errors import DomainError

Field = Literal["full_name", "id_number", "phone", "email", "address"]
Purpose = Literal["account-opening", "business", "complaint-handling", "due-diligence"]
OwnCopy = Literal["own-copy"]
"""The customer's own copy: no purpose that can be asked for."""
Whole = Literal["all"]
"""All fields at once: of a copy, where it was refused."""
Reason = Literal["customer-asked", "call-back", "letter", "paper-checked", "authority-asked", "error-suspected"]


@dataclass(frozen=True, slots=True)
class Unmasking:
    """One field of one customer, shown in clear to `by`. `policy_version`: of the catalogue that let it be seen.
    `refused`: nothing was shown, since the caller asked too often.
    """

    id: UUID
    customer_id: str
    field: Field | Whole
    purpose: Purpose | OwnCopy
    reason: Reason
    by: str
    at: datetime
    policy_version: int
    refused: bool = False


class PurposeNotPermitted(DomainError):
    """The caller's roles do not see this field in clear for this purpose."""


class NothingToUnmask(DomainError):
    """The file has no such field, or its key is destroyed."""
