"""What is asked and shown of merges."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from customer_profile.merge.domain.acts import Kind
from customer_profile.merge.domain.proposals import (
    Decision,
    Evidence,
    EvidenceKind,
    MergeReason,
    Proposal,
    Reason,
    State,
    UnmergeReason,
)
from rapport.events.base import Token
from rapport.web import Body

_DIGEST = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"
_EVIDENCE: dict[str, Any] = {"kind": "police-certificate", "digest": _DIGEST}
NEW_MERGE: dict[str, Any] = {
    "survivor": "9f1c0a6d2be84c5aa1d3",
    "merged": "b7d20e41c9f3482e8a55",
    "reason": "paper-replaced",
    "evidence": _EVIDENCE,
}
MERGE: dict[str, Any] = {
    "merge_id": "019540b2-7c11-7e53-b1a4-6f3f0f6f2c11",
    "kind": "merge",
    "undoes": None,
    **NEW_MERGE,
    "state": "approved",
    "proposed_by": "https://login.bank.example e-4471",
    "proposed_at": "2026-03-02T08:15:00Z",
    "decided_by": "https://login.bank.example e-5120",
    "decided_at": "2026-03-02T09:40:00Z",
}


class EvidenceOfChange(Body):
    """What proves that one person has two papers."""

    kind: EvidenceKind
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="SHA-256 of the document where it is archived"
    )

    def said(self) -> Evidence:
        """As the rules take it."""
        return Evidence(self.kind, self.digest)


class NewMerge(Body):
    """Two files that are one person."""

    model_config = ConfigDict(json_schema_extra={"examples": [NEW_MERGE]})

    survivor: Token = Field(description="A file of the person who stays")
    merged: Token = Field(description="A file of the person who is taken in, with all files of that person")
    reason: MergeReason
    evidence: EvidenceOfChange | None = Field(
        default=None, description="Needed where both have a valid number of one kind of paper, and not the same one"
    )


class NewUnmerge(Body):
    """Why a merge is to be undone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "mistaken"}]})

    reason: UnmergeReason


class NewDecision(Body):
    """What becomes of a proposal."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"decision": "approve"}]})

    decision: Decision


class EvidenceView(BaseModel):
    """What was archived as proof."""

    kind: EvidenceKind
    digest: str


class MergeView(BaseModel):
    """What was proposed about two files, and what became of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [MERGE]})

    merge_id: UUID
    kind: Kind
    undoes: UUID | None = Field(description="The merge that an unmerge undoes")
    survivor: str
    merged: str
    reason: Reason
    evidence: EvidenceView | None
    state: State = Field(
        description="`recommended`: approved here, where the bank's ECIF alone merges; `adopted`, `not-adopted`: what "
        "its words have made of that"
    )
    proposed_by: str = Field(description="Issuer and subject; `rapport` where one paper was on two files")
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None

    @classmethod
    def of(cls, proposal: Proposal) -> Self:
        """The view of a proposal."""
        evidence = proposal.evidence
        return cls(
            merge_id=proposal.merge_id,
            kind=proposal.kind,
            undoes=proposal.undoes,
            survivor=proposal.survivor,
            merged=proposal.merged,
            reason=proposal.reason,
            evidence=None if evidence is None else EvidenceView(kind=evidence.kind, digest=evidence.digest),
            state=proposal.state,
            proposed_by=proposal.proposed_by,
            proposed_at=proposal.proposed_at,
            decided_by=proposal.decided_by,
            decided_at=proposal.decided_at,
        )
