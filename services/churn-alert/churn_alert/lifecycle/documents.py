"""Stages as people write and review them: JSON documents, one a version, with the rules and the strategy of each stage.

A document that would lose customers, trap them or have them go to and fro is refused, with the field and the remedy.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from churn_alert.lifecycle.domain.conditions import Conditions, Rule, check
from churn_alert.lifecycle.domain.life import STAGES, Stage
from churn_alert.lifecycle.domain.rules import StageRules, Strategy
from churn_alert.risk.domain.crossing import Rules
from rapport.behaviour.lifetime import MbgParameters
from rapport.documents import Part, VersionDocument, in_force, midnight, read_versions
from rapport.succession import joined

PUBLISHED = Path(__file__).parent / "published" / "stages-1.json"
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
_Days = Annotated[int, Field(ge=1, le=3650)]


class _Part(Part):
    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)


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
    """How a stage is served. What is looked at first in it, the alert policy says."""

    aim: Literal["acquire", "develop", "maintain", "win-back"]
    care: tuple[Name, ...] = Field(min_length=1, max_length=20, description="The playbooks that are for the stage")

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        if len(set(self.care)) < len(self.care):
            raise ValueError("care names something twice: name each once")
        return self


class StagesDocument(VersionDocument):
    """One version of the stages, complete. Of two rules that begin to hold at one moment the former counts."""

    model_config = ConfigDict(json_schema_extra={"example": json.loads(PUBLISHED.read_bytes())})

    rules: tuple[RuleDocument, ...] = Field(min_length=1, max_length=100)
    strategies: dict[Stage, StrategyDocument]

    @model_validator(mode="after")
    def _names_rules_once_and_every_stage(self) -> Self:
        names = [rule.name for rule in self.rules]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"rules: {min(twice)} is the name of two rules: give each its own")
        if missing := [stage for stage in STAGES if stage not in self.strategies]:
            raise ValueError(f"strategies: {missing[0]} has none: say its aim and care")
        return self

    def check(self) -> None:
        """Raises StageRulesInvalid where the rules would lose customers, trap them or have them go to and fro."""
        check([rule.rule() for rule in self.rules])

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


def read_stage_versions(own: Path | None, *, today: date) -> tuple[StagesDocument, ...]:
    """Every version, the bank's own or the published one. Raises DocumentInvalid, which names file and fields."""
    return read_versions(
        own, StagesDocument, noun="stages", published=[PUBLISHED], today=today, check=StagesDocument.check
    )


def stage_rules(documents: Sequence[StagesDocument], deciding: Rules) -> StageRules:
    """As the rules take them, over the MBG/NBD parameters of whichever risk model is in force: those of the first day,
    which know what follows.
    """
    zone = deciding.bank.zone

    def made(moment: datetime) -> StageRules:
        document = in_force(documents, moment.astimezone(zone).date())
        return document.rulebook(deciding.at(moment).model.lifetime, zone)

    days = [midnight(one.effective_from, zone) for one in documents]
    return joined([*days, *(begins for begins, _ in deciding.later)], made)
