"""Stages as people write and review them: JSON documents, one a version, with the rules and the strategy of each stage.

A document that would lose customers, trap them or have them go to and fro is refused, with the field and the remedy.
"""

import json
from datetime import date, tzinfo
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from churn_alert.lifecycle.domain.life import STAGES, Stage
from churn_alert.lifecycle.domain.rules import Conditions, Rule, StageRules, StageRulesInvalid, Strategy
from rapport.behaviour.lifetime import MbgParameters

PUBLISHED = Path(__file__).parent / "published" / "stages-1.json"
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Measure = Literal["transactions", "account-activity", "service-feedback", "product-use"]
"""The four churn indicators of the manual."""
_Days = Annotated[int, Field(ge=1, le=3650)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class ConditionsDocument(_Part):
    """What a rule asks for, all of it; what is left out is not asked for."""

    active_days: _Days | None = Field(default=None, description="Distinct days of own activity, at least")
    tenure_days: _Days | None = Field(default=None, description="Since the first of them, at least")
    silent_days: _Days | None = Field(default=None, description="Since the last own activity, at least")
    alive_at_most: float | None = Field(
        default=None, gt=0, lt=1, description="P(alive) by MBG/NBD, with the parameters of the risk model"
    )
    no_account_left: bool = Field(default=False, description="There were accounts, and all are closed")
    relationship_over: bool = Field(default=False, description="Exited, closed or dead")
    reason_gone: bool = Field(default=False, description="No rule that leads into the present stage holds any more")


class RuleDocument(_Part):
    """From any of these stages to another, once all conditions hold."""

    name: Name
    leaves: tuple[Stage, ...] = Field(alias="from", min_length=1)
    enters: Stage = Field(alias="to")
    when: ConditionsDocument
    why: str = Field(min_length=1, max_length=400)

    def rule(self) -> Rule:
        """The same as the rules take it."""
        return Rule(self.name, self.leaves, self.enters, Conditions(**self.when.model_dump()))


class StrategyDocument(_Part):
    """How a stage is served."""

    aim: Literal["acquire", "develop", "maintain", "win-back"]
    emphasis: tuple[Measure, ...] = Field(min_length=1, description="Which indicators are looked at first, in order")
    care: tuple[Name, ...] = Field(min_length=1, max_length=20, description="What suits customers of the stage")

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        for field in ("emphasis", "care"):
            names = getattr(self, field)
            if len(set(names)) < len(names):
                raise ValueError(f"{field} names something twice: name each once")
        return self


class StagesDocument(_Part):
    """One version of the stages, complete. Of two rules that begin to hold at one moment the former counts."""

    model_config = ConfigDict(json_schema_extra={"example": json.loads(PUBLISHED.read_bytes())})

    name: Name = Field(examples=["retail-stages"])
    version: int = Field(ge=1, le=2**31 - 1, examples=[1])
    author: str = Field(min_length=1, max_length=120)
    reason: str = Field(min_length=1, max_length=1000)
    effective_from: date = Field(description="Nobody who was decided by an older version changes stage before it")
    rules: tuple[RuleDocument, ...] = Field(min_length=1, max_length=100)
    strategies: dict[Stage, StrategyDocument]

    @model_validator(mode="after")
    def _names_rules_once_and_every_stage(self) -> Self:
        names = [rule.name for rule in self.rules]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"rules: {min(twice)} is the name of two rules: give each its own")
        if missing := [stage for stage in STAGES if stage not in self.strategies]:
            raise ValueError(f"strategies: {missing[0]} has none: say its aim, emphasis and care")
        return self

    def rulebook(self, lifetime: MbgParameters, zone: tzinfo) -> StageRules:
        """The same as the rules take it, over these parameters of MBG/NBD. Raises StageRulesInvalid."""
        return StageRules(
            version=self.version,
            rules=tuple(rule.rule() for rule in self.rules),
            strategies={stage: Strategy(**one.model_dump()) for stage, one in self.strategies.items()},
            lifetime=lifetime,
            zone=zone,
            effective_from=self.effective_from,
        )


def read_document(path: Path | None = None, *, today: date = date.max) -> StagesDocument:
    """The document at `path`, or the published one. Raises StageRulesInvalid, which names the field at fault; so does
    one that is not in force by `today`."""
    source = path or PUBLISHED
    try:
        document = StagesDocument.model_validate_json(source.read_bytes())
    except OSError as fault:
        raise StageRulesInvalid(f"stages {source.name}: cannot be read") from fault
    except ValidationError as fault:
        error = fault.errors()[0]
        field = ".".join(str(part) for part in error["loc"])
        said = (f"stages {source.name}", field, error["msg"])
        raise StageRulesInvalid(": ".join(part for part in said if part)) from fault
    if document.effective_from > today:
        raise StageRulesInvalid(f"stages {source.name}: effective_from: lies ahead: start with it from that day on")
    return document
