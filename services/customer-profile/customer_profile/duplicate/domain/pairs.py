"""A pair of files from when it is found until people have decided, and again when what speaks for it has changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from customer_profile.duplicate.domain.evidence import Evidence, Likeness
from rapport.errors import DomainError

State = Literal["open", "accepted", "dismissed"]
Decision = Literal["accepted", "dismissed"]
ForOnePerson = Literal["same-paper-seen", "confirmed-by-customer", "same-life"]
ForTwo = Literal["two-persons-seen", "relatives", "shared-contact", "namesakes", "too-little"]
REASONS: Mapping[Decision, tuple[str, ...]] = {"accepted": get_args(ForOnePerson), "dismissed": get_args(ForTwo)}


class DuplicateNotFound(DomainError):
    """No such pair is kept: it never was, or its files are not alike any more."""


class DuplicateAlreadyDecided(DomainError):
    """Somebody has decided on the pair, and what speaks for it has not changed since."""


class ReasonUnfit(DomainError):
    """The reason is none for this decision."""

    def __init__(self, decision: Decision) -> None:
        self.faults = [("reason", f"must be one of {', '.join(REASONS[decision])} where the pair is {decision}")]
        super().__init__(f"reason: {self.faults[0][1]}")


@dataclass(frozen=True, slots=True)
class Pair:
    """A likeness as it is kept. `model`: by which it was found. What is decided stands with who did it and why.

    `merge_id`: the proposal of a merge that an accepted pair has become.
    """

    pair_id: UUID
    likeness: Likeness
    model: str
    found_at: datetime
    state: State = "open"
    reason: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    merge_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What a run of the job does to what is kept."""

    new: tuple[Pair, ...]
    changed: tuple[Pair, ...]
    reopened: tuple[Pair, ...]
    gone: tuple[UUID, ...]

    @property
    def written(self) -> tuple[Pair, ...]:
        """The pairs to write, each whole."""
        return (*self.new, *self.changed, *self.reopened)


def compared(found: Iterable[Pair], kept: Mapping[UUID, Pair]) -> Changes:
    """What was found against what is kept.

    An open pair follows what is found, and goes when its files are not alike any more. A dismissed one is opened again
    only if its evidence is another; an accepted one stays.
    """
    here = {pair.pair_id: pair for pair in found}
    new, changed, reopened = [], [], []
    for pair_id, pair in here.items():
        before = kept.get(pair_id)
        if before is None:
            new.append(pair)
        elif before.state == "open" and (before.likeness, before.model) != (pair.likeness, pair.model):
            changed.append(Pair(pair_id, pair.likeness, pair.model, before.found_at))
        elif before.state == "dismissed" and _differs(before.likeness.evidence, pair.likeness.evidence):
            reopened.append(pair)
    gone = [pair_id for pair_id, pair in kept.items() if pair.state == "open" and pair_id not in here]
    return Changes(tuple(new), tuple(changed), tuple(reopened), tuple(gone))


def _differs(before: Evidence, now: Evidence) -> bool:
    return dict(before) != dict(now)


def decided(pair: Pair, decision: Decision, reason: str, *, by: str, at: datetime) -> Pair:
    """The pair as somebody decided. Raises ReasonUnfit and DuplicateAlreadyDecided."""
    if reason not in REASONS[decision]:
        raise ReasonUnfit(decision)
    if pair.state != "open":
        raise DuplicateAlreadyDecided(f"the pair is {pair.state}")
    return Pair(pair.pair_id, pair.likeness, pair.model, pair.found_at, decision, reason, by, at)
