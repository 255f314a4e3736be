"""What is proposed about two files, who may decide on it, and what is refused, with the field and what helps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from customer_profile.merge.domain.acts import Kind
from rapport.errors import DomainError

State = Literal["open", "approved", "refused", "recommended", "adopted", "not-adopted"]
"""The last three where the bank's ECIF is master: approved here, and what its words have made of that."""
Decision = Literal["approve", "refuse"]
MergeReason = Literal["same-paper", "paper-replaced", "probable-match", "known-to-staff"]
UnmergeReason = Literal["mistaken", "disputed-by-customer"]
Reason = MergeReason | UnmergeReason
EvidenceKind = Literal["police-certificate", "replaced-paper", "court-decision", "register-extract"]
Paper = tuple[str, bytes]
"""The kind of a paper and the keyed hash of its number, which is valid."""
Faults = list[tuple[str, str]]


class MergeNotFound(DomainError):
    """Nothing of this id was proposed."""


class MergeImpossible(DomainError):
    """The files cannot be one person, or not two; `faults` names each field and the rule it breaks."""

    def __init__(self, faults: Iterable[tuple[str, str]]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(f"{field} {rule}" for field, rule in self.faults))


class MergeDecidedAlready(DomainError):
    """A proposal is decided on once."""


class DeciderIsProposer(DomainError):
    """Who proposed a merge, or an unmerge, does not decide on it."""


class MergeNotInForce(DomainError):
    """Only a merge that counts can be undone."""


class UnmergeOutOfOrder(DomainError):
    """A later merge builds on this one."""

    def __init__(self, first: UUID) -> None:
        self.faults = [("merge_id", f"is built on by {first}: undo that merge first")]
        super().__init__(f"a later merge builds on this one: undo {first} first")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What proves that one person has two papers; `digest`: SHA-256 of the document where it is archived."""

    kind: EvidenceKind
    digest: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """Asked by one person, decided by another. `undoes`: the merge that an unmerge would undo."""

    merge_id: UUID
    kind: Kind
    survivor: str
    merged: str
    undoes: UUID | None
    reason: Reason
    evidence: Evidence | None
    state: State
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None

    def demand_decision_by(self, other: str) -> None:
        """Raises MergeDecidedAlready and DeciderIsProposer."""
        if self.state != "open":
            raise MergeDecidedAlready(f"it is {self.state} since {self.decided_at:%Y-%m-%d %H:%M} UTC")
        if other == self.proposed_by:
            raise DeciderIsProposer("another person than who proposed it decides")


@dataclass(frozen=True, slots=True)
class Candidate:
    """What decides whether a file may be merged."""

    customer_id: str
    closed: Literal["erased", "restricted"] | None
    paper: Paper | None


def faults_of(
    survivor: Sequence[Candidate], merged: Sequence[Candidate], persons: Sequence[str], *, has_evidence: bool
) -> Faults:
    """Why two persons, each with all its files, cannot become one; nothing where they can.

    `persons`: the survivors of the two. A file that is not there leaves its side empty.
    """
    sides = {"survivor": survivor, "merged": merged}
    if missing := [(field, "is no recorded customer") for field, files in sides.items() if not files]:
        return missing
    if persons[0] == persons[1]:
        return [("merged", f"is one person with survivor already, known by {persons[0]}")]
    closed = [(field, file) for field, files in sides.items() for file in files if file.closed]
    if closed:
        return [
            (field, f"is a person with the file {file.customer_id}, which is {file.closed}") for field, file in closed
        ]
    papers, others = ({file.paper for file in files if file.paper} for files in sides.values())
    both = {kind for kind, _ in papers} & {kind for kind, _ in others}
    # One number in common is enough: the others of that kind were proven when they came together.
    if not has_evidence and both - {kind for kind, _ in papers & others}:
        return [("evidence", "is needed: both have a valid number of one kind of paper, and not the same one")]
    return []
