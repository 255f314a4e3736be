"""What becomes of one posting; a reversal is completed from what was told of its original.

A posting is known by its core's number. What makes two records the same posting is what happened to the money; words
that a mapping may give it (kind, channel) and a balance that a core reckons anew are not part of that.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

Direction = Literal["credit", "debit"]
OPPOSITE: dict[Direction, Direction] = {"credit": "debit", "debit": "credit"}


class Number(NamedTuple):
    """A core's posting."""

    source: str
    transaction_no: str


@dataclass(frozen=True, slots=True)
class Posting:
    """What is kept of a posting that was told: enough to know it again and to complete its reversal."""

    number: Number
    account_id: str
    customer_id: str
    direction: Direction
    amount: str
    currency: str
    balance_after: str | None
    occurred_at: datetime
    reverses: str | None
    content: bytes
    kind: str | None
    """None for those told before kinds were kept."""


def why_not_reversed(original: Posting, *, account_id: str, amount: str, currency: str) -> tuple[str, str] | None:
    """The field and the fault for which a reversal cannot take back this posting; None where it can."""
    if original.reverses is not None:
        return "reversal.of", "is-a-reversal-itself"
    if original.account_id != account_id:
        return "account_id", "not-the-originals"
    if (original.amount, original.currency) != (amount, currency):
        return "amount", "not-the-originals"
    return None


def holder(known: tuple[datetime, str] | None, told: tuple[datetime, str]) -> tuple[datetime, str]:
    """Whose account it is, by (as of, customer): of a joint account the first holder that the core told of.

    So the same words in any order end in the same holder, and a second one who comes later changes nothing.
    """
    return told if known is None else min(known, told)
