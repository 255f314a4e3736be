"""Entitlements over REST: what a customer is entitled to, how their risk is controlled, by which rule, and who acts."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from rapport.sight.access import CustomerId, on_customer
from rapport.web import Page, Paging, Principal, read
from scoring.classification import store as classes
from scoring.entitlement.domain import entitled
from scoring.entitlement.handlers import profile_of
from scoring.entitlement.views import ClassChangeView, EntitlementsView
from scoring.policy.handlers import Policies
from scoring.policy.views import sees_controls
from scoring.standing.api import see, segments_of
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import StandingNotFound
from scoring.standing.store import reading

router = APIRouter(prefix="/entitlements", tags=["entitlements"])
OfCustomer = Annotated[Principal, Depends(on_customer("entitlements:read", unknown=StandingNotFound))]
ByChange = Annotated[Paging, Depends(Paging.by(int, bits=64))]
_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "Nothing was heard of this customer"}}


@router.get("/{customer_id}", summary="Show what a customer is entitled to", responses=_NOT_FOUND)
async def show_entitlements(customer_id: CustomerId, request: Request, principal: OfCustomer) -> EntitlementsView:
    """By the policy in force: tier, classes with their dates, entitlements, controls of risk, each with the rule that
    gave it and who may do what. What is not known of the customer stands in `missing`. Controls of risk are shown with
    `risk-controls:read`; else `risk` is null and `withheld` names it. Deadlines of complaints are in no policy: they
    are the same for everybody.
    """
    rules: Rules = request.app.state.rules
    policies: Policies = request.app.state.policies
    seen, as_of = await see(request, customer_id)
    segments = await segments_of(request)
    async with read(request) as connection:
        await policies.take_up(connection)
        policy = policies.at(as_of)
        profile = await profile_of(connection, seen.standing, as_of, rules=rules, policy=policy, segments=segments)
    found = entitled(profile, policy)
    return EntitlementsView.of(seen, profile, found, as_of, with_controls=sees_controls(principal))


@router.get("/{customer_id}/classes", summary="List how a customer's classes came about", responses=_NOT_FOUND)
async def list_class_changes(
    customer_id: CustomerId, request: Request, _: OfCustomer, paging: ByChange
) -> Page[ClassChangeView]:
    """Every class with the moment since when it held and when that was noted, the latest first.

    Type and lifecycle as they were heard; attribute and activity once a day, where they changed.
    """
    async with read(request) as connection:
        rows = await classes.page_of_changes(connection, customer_id, before=paging.key, limit=paging.limit + 1)
        if not rows and not await reading.exists(connection, customer_id):
            raise StandingNotFound
    return paging.page(rows, item=ClassChangeView.of, key=lambda row: (row["change_id"],))
