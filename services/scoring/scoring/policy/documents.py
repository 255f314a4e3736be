"""Policies as people write and review them: JSON documents, one a version, checked before anybody gets anything."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field, JsonValue, StrictBool, StrictInt

from rapport.events.base import Code
from rapport.web.scopes import ROLE_SCOPES
from scoring.classification.domain.classes import Limits
from scoring.policy.domain.rules import Condition, Grant, Policy, Rule, faults_of
from scoring.scorecard.domain.ladder import STEPS
from scoring.version.documents import AsFile, Content, Part, minor_of, readable
from scoring.version.domain.faults import Fault

ROLES = frozenset(ROLE_SCOPES)
_Roles = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=len(ROLES))]
_Rank = Annotated[int, Field(ge=1, le=STEPS[1])]


def _is_absent(values: list[Any] | None) -> bool:
    return values is None


_Condition = Annotated[list[str] | None, Field(max_length=20, exclude_if=_is_absent)]


class LimitsDocument(Part):
    """From where on the middle and the upper class reach."""

    middle: float = Field(gt=0, le=1e15)
    upper: float = Field(gt=0, le=1e15)


class DaysDocument(Part):
    """From how many days on the middle and the upper class reach."""

    middle: int = Field(ge=1, le=36_500)
    upper: int = Field(ge=1, le=36_500)


class ClassesDocument(Part):
    """`attribute`: average assets of the month before, in whole units. `activity`: own active days of the last 90."""

    attribute: LimitsDocument
    activity: DaysDocument

    def limits(self, minor: int) -> Limits:
        """The same as the rules take it."""
        assets, days = self.attribute, self.activity
        return Limits((assets.middle * minor, assets.upper * minor), (days.middle, days.upper))


class WhenDocument(Part):
    """Which customers a rule means: of each condition one of the values; `unknown` where nobody has told."""

    tier: _Condition = None
    rank: list[_Rank] | None = Field(
        default=None, max_length=20, exclude_if=_is_absent, description="1 is the top of the ladder"
    )
    type: _Condition = None
    attribute: _Condition = None
    activity: _Condition = None
    lifecycle: _Condition = None
    segment: _Condition = None

    def conditions(self) -> dict[Condition, list[str]]:
        """The same as the rules take it."""
        said: dict[Condition, list[str] | list[int] | None] = {
            "tier": self.tier,
            "rank": self.rank,
            "type": self.type,
            "attribute": self.attribute,
            "activity": self.activity,
            "lifecycle": self.lifecycle,
            "segment": self.segment,
        }
        return {name: [str(one) for one in values] for name, values in said.items() if values is not None}


class GrantDocument(Part):
    """A measure, its value, and who may do what about it."""

    measure: Code = Field(examples=["fee-waiver"])
    value: StrictBool | StrictInt
    apply: _Roles = Field(description="Roles that carry it out")
    exceed: _Roles = Field(default_factory=list, description="Roles that may go beyond it for one customer")

    def grant(self) -> Grant:
        """The same as the rules take it, each role once."""
        return Grant(self.measure, self.value, tuple(dict.fromkeys(self.apply)), tuple(dict.fromkeys(self.exceed)))


class RuleDocument(Part):
    """What the customers it means are entitled to, and how their risk is controlled."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", examples=["top-tier"])
    when: WhenDocument
    entitlements: list[GrantDocument] = Field(default_factory=list, max_length=40)
    risk: list[GrantDocument] = Field(default_factory=list, max_length=40)

    def rule(self) -> Rule:
        """The same as the rules take it."""
        grants = (tuple(one.grant() for one in listed) for listed in (self.entitlements, self.risk))
        return Rule(self.name, self.when.conditions(), *grants)


EXAMPLE: dict[str, JsonValue] = {
    "name": "retail-cny",
    "currency": "CNY",
    "author": "Retail banking",
    "reason": "First policy of the retail bank",
    "classes": {"attribute": {"middle": 50000, "upper": 500000}, "activity": {"middle": 3, "upper": 12}},
    "rules": [
        {
            "name": "top-tier",
            "when": {"rank": [1]},
            "entitlements": [
                {"measure": "relationship-manager", "value": True, "apply": ["team_lead"], "exceed": []},
                {"measure": "fee-waiver", "value": 100, "apply": ["rm"], "exceed": ["team_lead"]},
            ],
            "risk": [
                {"measure": "transfer-review", "value": 1000000, "apply": ["compliance"], "exceed": ["risk_manager"]}
            ],
        }
    ],
}


class PolicyContent(Content):
    """All that a policy says: what becomes a version once it is approved."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    classes: ClassesDocument
    rules: list[RuleDocument] = Field(min_length=1, max_length=200)

    @classmethod
    def broken_rules(cls, content: dict[str, Any]) -> list[Fault]:
        """Of limits and rules, each alone and together."""
        classes = readable(ClassesDocument, content.get("classes"))
        faults = [one.within("classes") for one in classes.limits(minor_of(content)).faults()] if classes else []
        raw = content.get("rules")
        read = ((place, readable(RuleDocument, one)) for place, one in enumerate(raw if isinstance(raw, list) else []))
        faults += faults_of({place: one.rule() for place, one in read if one is not None}, ROLES)
        return faults + super().broken_rules(content)

    def policy(self, version: int, effective_from: datetime) -> Policy:
        """The same as the rules take it."""
        return Policy(
            name=self.name,
            version=version,
            currency=self.currency,
            effective_from=effective_from,
            limits=self.classes.limits(minor_of({"currency": self.currency})),
            rules=tuple(one.rule() for one in self.rules),
        )


class PolicyDocument(AsFile, PolicyContent):
    """One version of a bank's policy as a file, complete."""

    noun = "policy"
    model_config = ConfigDict(
        json_schema_extra={"examples": [EXAMPLE | {"version": 1, "effective_from": "1990-01-01"}]}
    )
