"""`GET /customers/{customer_id}/accounts`: the accounts of one customer, over all files in sight."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from customer_profile.account import store as accounts
from customer_profile.account.domain import Status, Type
from customer_profile.account.views import ACCOUNT, AccountView
from customer_profile.customer.api.access import CustomerId, on_customer
from customer_profile.customer.store import persons_in_sight
from rapport.web import Page, Paging, Principal, read

router = APIRouter(prefix="/customers/{customer_id}/accounts", tags=["accounts"])
Reader = Annotated[Principal, Depends(on_customer("customers:read"))]
ById = Annotated[Paging, Depends(Paging.by(str))]


@router.get(
    "",
    summary="List a customer's accounts",
    responses={
        200: {"content": {"application/json": {"example": {"items": [ACCOUNT], "next": None}}}},
        404: {"description": "No such customer"},
    },
)
async def list_accounts(
    customer_id: CustomerId,
    request: Request,
    principal: Reader,
    paging: ById,
    status: Annotated[Status | None, Query(description="Only accounts in this state")] = None,
    kind: Annotated[Type | None, Query(alias="type", description="Only accounts of this kind")] = None,
) -> Page[AccountView]:
    """Accounts of all files of the person by their id, a page at a time. A closed account stays in the list.

    An account the core told before its customer is not lost: it waits, and appears as soon as the customer does.
    """
    async with read(request) as connection:
        persons = await persons_in_sight(connection, [customer_id], sight=principal.sight)
        rows = await accounts.page(
            connection, persons[customer_id].files, status=status, type_=kind, after=paging.key, limit=paging.limit + 1
        )
    return paging.page(rows, item=AccountView.of, key=lambda account: (account.account_id,))
