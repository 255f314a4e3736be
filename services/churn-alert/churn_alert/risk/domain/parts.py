"""What a customer's behaviour is made of: by stream, channel, product and account.

Two streams of postings kept apart: what the customer does, and what the bank, an employer or a standing order does. Of
uses the stream is the kind of the interaction. Tallies only add up, so a batch writes what it adds and reads nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeVar

from churn_alert.risk.domain.behaviour import Posting
from churn_alert.risk.domain.tallies import Tally

OWN, AUTOMATIC = "own", "automatic"
POSTINGS = frozenset({OWN, AUTOMATIC})


class Part(NamedTuple):
    """What is counted apart; None where none is named."""

    stream: str
    channel: str
    product: str | None = None
    account_id: str | None = None


Parts = dict[Part, Tally]
K = TypeVar("K")


def count(parts: Parts, part: Part, tally: Tally) -> None:
    """Add this to what was counted of the part."""
    before = parts.get(part)
    parts[part] = before.add(tally) if before else tally


def tally_of(posting: Posting) -> Tally:
    """One posting, or one taken back; money of another currency than the bank's is none."""
    sign = 1 if posting.reversed_at is None else -1
    return Tally.of(posting.effective_at, sign, 0 if posting.is_foreign else posting.minor)


def added_up(parts: Mapping[Part, Tally], by: Callable[[Part], K | None]) -> dict[K, Tally]:
    """Over all parts of one kind: `by` names it, or None for what is left out."""
    found: dict[K, Tally] = {}
    for part, tally in parts.items():
        if (key := by(part)) is not None:
            found[key] = found[key].add(tally) if key in found else tally
    return found


def shares(parts: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    """Names with their share of the whole, the largest first; of equal ones by name. Nothing of what is not above 0."""
    known = [(name, amount) for name, amount in parts if amount > 0.0]
    whole = sum(amount for _, amount in known)
    return sorted([(name, amount / whole) for name, amount in known], key=lambda one: (-one[1], one[0]))
