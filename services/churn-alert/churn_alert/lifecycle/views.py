"""What is answered about stages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from churn_alert.lifecycle.domain.deciding import Due
from churn_alert.lifecycle.domain.life import Life, Paused, Stage
from churn_alert.lifecycle.domain.rules import Strategy

SUMMARY: dict[str, Any] = {
    "customer_id": "c-4f1d8a",
    "stage": "mature",
    "since": "2025-04-01T16:00:00Z",
    "rule": "settled",
    "unit": "B017",
}
_STRATEGY: dict[str, Any] = {
    "aim": "maintain",
    "care": ["care-of-high", "care-of-all", "repair-service"],
}
_CHANGE: dict[str, Any] = {
    "revision": 3,
    "previous": "new",
    "stage": "mature",
    "rule": "settled",
    "cause": "time",
    "happened_at": "2025-04-01T16:00:00Z",
    "known_at": "2025-04-01T16:00:01Z",
    "rules_version": 1,
    "consent_version": 2,
}


class StrategyView(BaseModel):
    """How customers of a stage are served, as the document of stages has it."""

    model_config = ConfigDict(json_schema_extra={"example": _STRATEGY})

    aim: Literal["acquire", "develop", "maintain", "win-back"]
    care: list[str] = Field(description="The playbooks that are for them, see `GET /playbooks`")

    @classmethod
    def of(cls, strategy: Strategy) -> Self:
        """As the rules have it."""
        return cls.model_validate({"aim": strategy.aim, "care": list(strategy.care)})


class LifecycleSummary(BaseModel):
    """In which stage a customer is."""

    model_config = ConfigDict(json_schema_extra={"example": SUMMARY})

    customer_id: str
    stage: Stage
    since: datetime
    rule: str = Field(description="Of the document of stages, that led into it; `first-heard`: none yet")
    unit: str | None = Field(description="By customer-profile; null where it told nothing of the customer yet")

    @classmethod
    def of(cls, row: RowMapping) -> Self:
        """A row of the list."""
        return cls(**{name: row[name] for name in cls.model_fields})


class DueView(BaseModel):
    """What time alone will bring."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"stage": "lost", "rule": "fallen-silent", "at": "2025-12-30T08:00:00Z"}}
    )

    stage: Stage
    rule: str
    at: datetime

    @classmethod
    def of(cls, due: Due) -> Self:
        """As the rules found it."""
        return cls(stage=due.rule.enters, rule=due.rule.name, at=due.at)


class ChangeView(BaseModel):
    """One change of stage. `happened_at` is the moment it is about, `known_at` when it was decided."""

    model_config = ConfigDict(json_schema_extra={"example": _CHANGE})

    revision: int
    previous: Stage | None = Field(description="Null of the first")
    stage: Stage
    rule: str
    cause: Literal["event", "time"] = Field(description="Whether a fact made it true, or time alone")
    happened_at: datetime
    known_at: datetime
    rules_version: int
    consent_version: int | None = Field(
        description="The revision of the customer's consents that was known then; null where none was"
    )

    @classmethod
    def of(cls, row: RowMapping) -> Self:
        """A row as it was kept."""
        return cls(**{name: row[name] for name in cls.model_fields})


class LifecycleView(LifecycleSummary):
    """In which stage a customer is, why, how such customers are served, and every change up to it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": SUMMARY
            | {
                "merged_into": None,
                "files": ["c-4f1d8a"],
                "paused": None,
                "strategy": _STRATEGY,
                "next": {"stage": "lost", "rule": "fallen-silent", "at": "2025-12-30T08:00:00Z"},
                "active_days": 83,
                "first_active_on": "2025-01-02",
                "last_activity_at": "2025-09-30T18:20:44Z",
                "open_accounts": 2,
                "rules_version": 1,
                "history": [_CHANGE],
            }
        }
    )

    merged_into: str | None = Field(description="The file by which the customer is known, where this one was merged")
    files: list[str] = Field(description="Those that the caller sees; everything here is on the sum of all")
    paused: Paused | None = Field(
        description="Nothing is concluded from behaviour any more: the customer refused care, or the relationship is "
        "restricted or over; the stage is what it was, or what the bank's own word makes it"
    )
    strategy: StrategyView
    next: DueView | None = Field(description="If nothing happens; null where time alone brings nothing")
    active_days: int = Field(description="Distinct days on which the customer did something")
    first_active_on: str | None = Field(description="YYYY-MM-DD")
    last_activity_at: datetime | None
    open_accounts: int
    rules_version: int
    history: list[ChangeView] = Field(description="The latest first; at most 200")

    @classmethod
    def shown(
        cls,
        asked: str,
        life: Life,
        files: Sequence[str],
        strategy: Strategy,
        due: Due | None,
        history: Sequence[RowMapping],
    ) -> Self:
        """A life that has a stage; `asked`: the file by which it was asked for."""
        days = life.active_days
        return cls.model_validate(
            {
                "customer_id": asked,
                "merged_into": None if life.customer_id == asked else life.customer_id,
                "files": list(files),
                **{name: getattr(life, name) for name in ("stage", "since", "rule", "unit", "paused", "rules_version")},
                "strategy": StrategyView.of(strategy),
                "next": None if due is None else DueView.of(due),
                "active_days": days.count if days else 0,
                "first_active_on": days.first.isoformat() if days else None,
                "last_activity_at": life.last_activity_at,
                "open_accounts": sum(one.is_open for one in life.accounts.values()),
                "history": [ChangeView.of(row) for row in history],
            }
        )
