"""What is answered about a customer's entitlements: each measure with the rule that gave it and who acts."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from scoring.classification.domain.classes import Dimension
from scoring.entitlement.domain import Entitled, Profile
from scoring.policy.domain.measures import MEASURES, Unit
from scoring.policy.domain.rules import Condition, Given
from scoring.policy.views import WITHHELD, Withheld
from scoring.standing.store.reading import Seen

_GIVEN = {
    "measure": "fee-waiver",
    "words": "of the fees for transfers and cards waived",
    "value": 100,
    "unit": "percent",
    "rule": "top-tier",
    "apply": ["rm"],
    "exceed": ["team_lead"],
}


class GivenView(BaseModel):
    """A measure, its value, the rule that gave it, and who may do what about it."""

    measure: str
    words: str
    value: bool | int = Field(description="In `unit`; money in whole units of the bank's currency")
    unit: Unit
    rule: str = Field(description="Of all that hold: for an entitlement the most generous, for a control the strictest")
    apply: list[str] = Field(description="Roles that carry it out")
    exceed: list[str] = Field(description="Roles that may go beyond it for one customer; nobody, where it is empty")

    @classmethod
    def of(cls, one: Given) -> "GivenView":
        """What a policy gives."""
        name, value, apply, exceed = one.grant
        measure = MEASURES[name]
        return cls(
            measure=name,
            words=measure.words,
            value=value,
            unit=measure.unit,
            rule=one.rule,
            apply=list(apply),
            exceed=list(exceed),
        )


class ClassView(BaseModel):
    """A class of the customer, and since when it has held."""

    dimension: Dimension = Field(examples=["attribute"])
    value: str = Field(examples=["hnw"])
    since: datetime = Field(examples=["2026-03-01T00:00:00+08:00"])


class ClassChangeView(ClassView):
    """A class as it came about."""

    model_config = ConfigDict(from_attributes=True)

    known_at: datetime = Field(description="When it was noted", examples=["2026-03-01T16:00:04Z"])

    @classmethod
    def of(cls, row: RowMapping) -> "ClassChangeView":
        """A stored change."""
        return cls.model_validate(dict(row))


class EntitlementsView(BaseModel):
    """What a customer is entitled to and how their risk is controlled, as of `as_of`."""

    customer_id: str = Field(examples=["c-4f1d8a"])
    tier: str | None = Field(examples=["high"])
    tier_since: datetime | None = Field(examples=["2026-02-11T09:12:44Z"])
    rank: int | None = Field(
        description="The tier's place in the ladder, 1 is the top; null for a tier that the ladder does not have",
        examples=[1],
    )
    ladder: int | None = Field(description="How many tiers the ladder has", examples=[3])
    classes: list[ClassView] = Field(description="Those that are known")
    segment: str | None = Field(description="By the latest model; null without one", examples=["savers"])
    missing: list[Condition] = Field(
        description="What nobody has told: it meets only rules that name `unknown`", examples=[["lifecycle"]]
    )
    entitlements: list[GivenView] = Field(examples=[[_GIVEN]])
    risk: list[GivenView] | None = Field(
        description="Null where it is withheld",
        examples=[[_GIVEN | {"measure": "manual-credit-decision", "value": True, "unit": "flag", "rule": "lost"}]],
    )
    withheld: list[Withheld] = Field(description="What there is and only `risk-controls:read` shows", examples=[[]])
    policy: str = Field(examples=["retail-cny"])
    policy_version: int = Field(examples=[1])
    as_of: datetime = Field(examples=["2026-06-20T08:00:00Z"])
    lag: int = Field(description="Records of the customer's partition that were not handled then", examples=[0])
    lag_known_at: datetime | None = Field(examples=["2026-06-20T07:59:59Z"])

    @classmethod
    def of(
        cls, seen: Seen, profile: Profile, found: Entitled, as_of: datetime, *, with_controls: bool
    ) -> "EntitlementsView":
        """What follows for a customer."""
        return cls(
            customer_id=seen.standing.customer_id,
            tier=profile.tier,
            tier_since=profile.tier_since,
            rank=profile.place.rank if profile.place else None,
            ladder=profile.place.ladder if profile.place else None,
            classes=[ClassView(dimension=o.dimension, value=o.value, since=o.since) for o in profile.classes],
            segment=profile.segment,
            missing=profile.missing(),
            entitlements=[GivenView.of(one) for one in found.entitlements],
            risk=[GivenView.of(one) for one in found.risk] if with_controls else None,
            withheld=[] if with_controls else WITHHELD,
            policy=found.policy.name,
            policy_version=found.policy.version,
            as_of=as_of,
            lag=seen.lag,
            lag_known_at=seen.lag_known_at,
        )
