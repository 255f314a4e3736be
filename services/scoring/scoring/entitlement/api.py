"""Entitlements over REST: what a customer is entitled to, how their risk is controlled, by which rule, and who acts."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from rapport.web import Page, Paging, Principal, read, require
from scoring.classification import store as classes
from scoring.classification.domain.classes import Dimension
from scoring.entitlement.domain import Entitled, Profile, entitled
from scoring.entitlement.handlers import profile_of
from scoring.policy.domain.measures import MEASURES, Unit
from scoring.policy.domain.rules import Condition, Given
from scoring.policy.handlers import Policies
from scoring.standing.api import CustomerId, see, segments_of
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import StandingNotFound
from scoring.standing.store import reading
from scoring.standing.store.reading import Seen

router = APIRouter(prefix="/entitlements", tags=["entitlements"])
Reader = Annotated[Principal, Depends(require("entitlements:read"))]
ByChange = Annotated[Paging, Depends(Paging.by(int, bits=64))]
_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "Nothing was heard of this customer"}}
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
    risk: list[GivenView] = Field(
        examples=[[_GIVEN | {"measure": "manual-credit-decision", "value": True, "unit": "flag", "rule": "lost"}]]
    )
    policy: str = Field(examples=["retail-cny"])
    policy_version: int = Field(examples=[1])
    as_of: datetime = Field(examples=["2026-06-20T08:00:00Z"])
    lag: int = Field(description="Records of the customer's partition that were not handled then", examples=[0])
    lag_known_at: datetime | None = Field(examples=["2026-06-20T07:59:59Z"])

    @classmethod
    def of(cls, seen: Seen, profile: Profile, found: Entitled, as_of: datetime) -> "EntitlementsView":
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
            risk=[GivenView.of(one) for one in found.risk],
            policy=found.policy.name,
            policy_version=found.policy.version,
            as_of=as_of,
            lag=seen.lag,
            lag_known_at=seen.lag_known_at,
        )


@router.get("/{customer_id}", summary="Show what a customer is entitled to", responses=_NOT_FOUND)
async def show_entitlements(customer_id: CustomerId, request: Request, _: Reader) -> EntitlementsView:
    """By the policy in force: tier, classes with their dates, entitlements, controls of risk, each with the rule that
    gave it and who may do what. What is not known of the customer stands in `missing`. Deadlines of complaints are in
    no policy: they are the same for everybody.
    """
    rules: Rules = request.app.state.rules
    policies: Policies = request.app.state.policies
    seen, as_of = await see(request, customer_id)
    segments = await segments_of(request)
    async with read(request) as connection:
        await policies.take_up(connection)
        policy = policies.at(as_of)
        profile = await profile_of(connection, seen.standing, as_of, rules=rules, policy=policy, segments=segments)
    return EntitlementsView.of(seen, profile, entitled(profile, policy), as_of)


@router.get("/{customer_id}/classes", summary="List how a customer's classes came about", responses=_NOT_FOUND)
async def list_class_changes(
    customer_id: CustomerId, request: Request, _: Reader, paging: ByChange
) -> Page[ClassChangeView]:
    """Every class with the moment since when it held and when that was noted, the latest first.

    Type and lifecycle as they were heard; attribute and activity once a day, where they changed.
    """
    before = paging.after[0] if paging.after else None
    async with read(request) as connection:
        rows = await classes.page_of_changes(connection, customer_id, before=before, limit=paging.limit + 1)
        if not rows and not await reading.exists(connection, customer_id):
            raise StandingNotFound("Nothing was heard of this customer")
    return paging.page(rows, item=ClassChangeView.of, key=lambda row: (row["change_id"],))
