"""The life of a file, step by step, from its collection to its end; what is left of one at last is its last step."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from customer_profile.customer.domain.relationship import StatusStep

Step = Literal["collected", "restricted", "exited", "resumed", "archived", "destroyed"]


@dataclass(frozen=True, slots=True)
class FileStep:
    """One step. `by`: who took it; of an end, who agreed to it. `rule`: the retention whose period was over.

    `policy_version`: of the data catalogue then in force. `counts`: rows that were destroyed, by table.
    """

    step_id: UUID
    customer_id: str
    step: Step
    by: str | None
    rule: str | None
    policy_version: int
    batch_id: UUID | None
    counts: Mapping[str, int] | None
    occurred_at: datetime
    recorded_at: datetime

    @property
    def digest(self) -> str:
        """SHA-256 of the step as sorted JSON: recomputed from the row, it shows that nobody changed it."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, default=_told).encode()).hexdigest()


def _told(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def lived(step: StatusStep) -> list[Step]:
    """What a step of the relationship is in the life of its file: the first one collects it, wherever it stands.

    A restriction that is lifted after the exit is none.
    """
    if step.before == step.after:
        return []
    names: list[Step] = ["collected"] if step.before is None else []
    if step.after in {"restricted", "exited"}:
        names.append("restricted" if step.after == "restricted" else "exited")
    elif step.before is not None:
        names.append("resumed")
    return names
