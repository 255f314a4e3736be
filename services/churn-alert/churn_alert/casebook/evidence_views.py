"""What is answered about what worked: effects with their intervals, and never a customer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from churn_alert.casebook.domain.evidence import Cell, Evidence
from churn_alert.proof.domain.disclosure import LEAST as LEAST_DRAWN
from churn_alert.proof.domain.disclosure import LEAST_JUDGED as LEAST
from churn_alert.proof.domain.uplift import MEANING, Conclusion, Uplift
from churn_alert.proof.views import ArmView, RateView

_ARM: dict[str, Any] = {
    "drawn": 3980,
    "judged": 3112,
    "stayed": 2590,
    "rate": {"value": 0.832, "low": 0.819, "high": 0.845},
}
EVIDENCE: dict[str, Any] = {
    "as_of": "2025-10-01T00:00:00Z",
    "window_days": 90,
    "least": LEAST,
    "playbooks": [
        {
            "playbook": "care-of-all",
            "version": 1,
            "steps": [{"kind": "contact", "action": "care-message"}, {"kind": "task", "action": "care-call"}],
            "cells": [
                {
                    "by": None,
                    "group": None,
                    "effect": {
                        "treated": _ARM,
                        "held_out": _ARM | {"drawn": 1003, "judged": 790, "stayed": 632},
                        "difference": {"value": 0.032, "low": 0.003, "high": 0.064},
                        "still_needed": 847,
                        "conclusion": "too early",
                        "meaning": MEANING["too early"],
                    },
                },
                {"by": "tier", "group": "high", "effect": None},
            ],
            "work": [{"kind": "task", "action": "care-call", "begun": 2210, "done": 1904, "refused": 0}],
        }
    ],
}


class PlannedView(BaseModel):
    """A step that the playbook plans for everybody it is for."""

    kind: str
    action: str


class EffectView(BaseModel):
    """The treated against the held out, each as the lot drew them."""

    treated: ArmView
    held_out: ArmView
    difference: RateView | None = Field(description="Share that stayed of the treated less that of the held out")
    still_needed: int | None = Field(description="Customers yet to be judged before the planned effect would be found")
    conclusion: Conclusion
    meaning: str = Field(description="The conclusion in words")

    @classmethod
    def of(cls, found: Uplift) -> Self:
        """As it was found."""
        return cls(
            treated=ArmView.of(found.treated),
            held_out=ArmView.of(found.held_out),
            difference=RateView.of(found.effect) if found.effect else None,
            still_needed=found.still_needed,
            conclusion=found.conclusion,
            meaning=MEANING[found.conclusion],
        )


class CellView(BaseModel):
    """A kind of customer."""

    by: str | None = Field(description="stage, tier or segment when the alert was opened; null: all of them")
    group: str | None
    effect: EffectView | None = Field(
        description=f"Null below {LEAST} judged customers or {LEAST_DRAWN} in an arm, and of what could be told from "
        "the others otherwise"
    )

    @classmethod
    def of(cls, one: Cell) -> Self:
        """As it was found."""
        return cls(by=one.by, group=one.group, effect=EffectView.of(one.found) if one.found else None)


class WorkView(BaseModel):
    """What was really done for the treated: how well the playbook was followed, and no effect."""

    kind: str
    action: str
    begun: int
    done: int = Field(description="The task was done, or the message arrived")
    refused: int = Field(description="The message was refused")


class PlaybookEvidence(BaseModel):
    """One version of a playbook."""

    playbook: str
    version: int
    steps: list[PlannedView] = Field(description="In their order; none where this version is no longer written")
    cells: list[CellView]
    work: list[WorkView] = Field(description=f"What was begun {LEAST} times at least")

    @classmethod
    def of(cls, one: Evidence) -> Self:
        """As it was found."""
        return cls(
            playbook=one.playbook,
            version=one.version,
            steps=[PlannedView(**step._asdict()) for step in one.steps],
            cells=[CellView.of(cell) for cell in one.cells],
            work=[WorkView(**{name: getattr(work, name) for name in WorkView.model_fields}) for work in one.work],
        )


class EvidenceView(BaseModel):
    """What worked, for whoever writes the next version of the playbooks."""

    model_config = ConfigDict(json_schema_extra={"example": EVIDENCE})

    as_of: datetime | None = Field(description="Null in stream time before the first event")
    window_days: int = Field(description="So long after the alert it is known who stayed")
    least: int
    playbooks: list[PlaybookEvidence]

    @classmethod
    def of(cls, found: Sequence[Evidence], *, as_of: datetime | None, window_days: int) -> Self:
        """As it was found."""
        shown = [PlaybookEvidence.of(one) for one in found]
        return cls(as_of=as_of, window_days=window_days, least=LEAST, playbooks=shown)
