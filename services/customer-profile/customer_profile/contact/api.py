"""`/customers/{customer_id}/contacts`: what reached a customer, what did not and why; `/contacts/policy`: the rules."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from customer_profile.contact import store
from customer_profile.contact.handlers import Rules
from customer_profile.contact.views import CONTACT, ContactPolicyView, ContactView
from customer_profile.customer.api import CustomerId, on_customer
from rapport.web import Page, Paging, Principal, read, require

router = APIRouter(tags=["contacts"])
Reader = Annotated[Principal, Depends(require("contacts:read"))]
ReaderOfCustomer = Annotated[Principal, Depends(on_customer("contacts:read"))]
ByTime = Annotated[Paging, Depends(Paging.by(datetime, str))]


@router.get(
    "/customers/{customer_id}/contacts",
    summary="List what a customer was told, or was to be told",
    responses={
        200: {"content": {"application/json": {"example": {"items": [CONTACT], "next": None}}}},
        404: {"description": "No such customer"},
    },
)
async def list_contacts(
    customer_id: CustomerId, request: Request, _: ReaderOfCustomer, paging: ByTime
) -> Page[ContactView]:
    """Requests of all services in the order they came, each with what became of it: delivered, refused with the
    reason, or still to be decided. A customer who asks why a message came, or why none did, is answered from here.
    """
    async with read(request) as connection:
        rows = await store.page(connection, customer_id, after=paging.after, limit=paging.limit + 1)
    return paging.page(rows, item=ContactView.of, key=lambda one: (one.requested_at, one.request_id))


@router.get("/contacts/policy", summary="Show by which rules customers are reached")
async def show_policy(request: Request, _: Reader) -> ContactPolicyView:
    """Quiet hours, how often at most, which channels and messages for which purpose. Consent comes on top of it."""
    rules: Rules = request.app.state.contact_rules
    return ContactPolicyView.of(rules)
