"""A pair of files as it is answered, alone or with both files side by side; identity masked only."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from customer_profile.customer.api.views import CUSTOMER, CustomerView
from customer_profile.duplicate.domain.comparing import Attribute
from customer_profile.duplicate.domain.evidence import Level
from customer_profile.duplicate.domain.pairs import Pair, State

PAIR: dict[str, Any] = {
    "pair_id": "00000000-0000-8e2b-a4b1-5c7d1f0e9a33",
    "file_a": "4f0c9a7be21d4c0fa8a1f2d35f6b7c11",
    "file_b": "9b1de0347a6f4f5e8f6d2a4c8e0b1d22",
    "probability": 0.997,
    "weight": 8.38,
    "evidence": {
        "full_name": "exact",
        "id_number": "close",
        "phone": "differs",
        "email": "unknown",
        "address": "exact",
        "birth_year": "exact",
        "gender": "exact",
        "region": "differs",
    },
    "model": "persons-1",
    "found_at": "2026-07-01T02:00:07Z",
    "state": "open",
    "reason": None,
    "decided_by": None,
    "decided_at": None,
    "merge_id": None,
}
SIDE_BY_SIDE: dict[str, Any] = {**PAIR, "files": [CUSTOMER, CUSTOMER]}


class PairView(BaseModel):
    """Two files that may be of one person."""

    model_config = ConfigDict(json_schema_extra={"examples": [PAIR]})

    pair_id: UUID
    file_a: str
    file_b: str
    probability: float = Field(description="That both are of one person, by the model")
    weight: float = Field(description="The same as log2 of the odds; pairs are sorted by it")
    evidence: dict[Attribute, Level] = Field(
        description="What speaks for it, by attribute; `conflicts`: two valid numbers of one kind of paper"
    )
    model: str
    found_at: datetime
    state: State
    reason: str | None
    decided_by: str | None
    decided_at: datetime | None
    merge_id: UUID | None = Field(description="The proposal of a merge that an accepted pair has become")

    @classmethod
    def of(cls, pair: Pair) -> Self:
        """The view of a pair."""
        return cls(**_cells(pair))


class SideBySide(PairView):
    """A pair with both files, that of the lower token first."""

    model_config = ConfigDict(json_schema_extra={"examples": [SIDE_BY_SIDE]})

    files: list[CustomerView] = Field(min_length=2, max_length=2)

    @classmethod
    def beside(cls, pair: Pair, files: list[CustomerView]) -> Self:
        """The view of a pair and its files."""
        return cls(**_cells(pair), files=files)


def _cells(pair: Pair) -> dict[str, Any]:
    one = pair.likeness
    return {
        "pair_id": pair.pair_id,
        "file_a": one.file_a,
        "file_b": one.file_b,
        "probability": round(one.probability, 6),
        "weight": one.weight / 100,
        "evidence": dict(one.evidence),
        "model": pair.model,
        "found_at": pair.found_at,
        "state": pair.state,
        "reason": pair.reason,
        "decided_by": pair.decided_by,
        "decided_at": pair.decided_at,
        "merge_id": pair.merge_id,
    }
