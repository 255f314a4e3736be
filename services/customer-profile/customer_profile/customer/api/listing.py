"""`GET /customers`: which customers there are, by what they are and in the order that is asked for."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.exceptions import RequestValidationError

from customer_profile.customer import store
from customer_profile.customer.api.routes import Reader, locks_of
from customer_profile.customer.api.views import CUSTOMER, CustomerView
from customer_profile.customer.domain import CustomerClass, Relationship, Status, Type
from customer_profile.customer.store import ORDERS, Filters
from rapport.events.base import Code, Token
from rapport.web import Page, read
from rapport.web.examples import page_of
from rapport.web.pagination import Sorted

router = APIRouter(prefix="/customers", tags=["customers"])
InOrder = Annotated[Sorted, Depends(Sorted.by_one_of("customer_id", ORDERS))]


def _filters(  # noqa: PLR0913 - each is a parameter of the operation
    *,
    unit: Annotated[Code | None, Query(description="Only customers this unit keeps")] = None,
    region: Annotated[Code | None, Query(description="Only customers of this region")] = None,
    relationship_manager: Annotated[Token | None, Query(description="Only customers of this employee")] = None,
    customer_class: Annotated[CustomerClass | None, Query(description="Only customers of this class")] = None,
    kind: Annotated[Type | None, Query(alias="type", description="Only customers of this kind")] = None,
    status: Annotated[Status | None, Query(description="Only customers of whom the core says this")] = None,
    relationship: Annotated[Relationship | None, Query(description="Only relationships that stand there")] = None,
    since_from: Annotated[date | None, Query(description="Only customers since this day or later")] = None,
    since_until: Annotated[date | None, Query(description="Only customers since this day or earlier")] = None,
) -> Filters:
    if since_from is not None and since_until is not None and since_from > since_until:
        message = "is before since_from"
        raise RequestValidationError([{"type": "value_error", "loc": ("query", "since_until"), "msg": message}])
    return Filters(
        unit=unit,
        region=region,
        relationship_manager=relationship_manager,
        customer_class=customer_class,
        type=kind,
        status=status,
        relationship=relationship,
        since_from=since_from,
        since_until=since_until,
    )


@router.get(
    "",
    summary="List customers",
    responses=page_of(CUSTOMER),
)
async def list_customers(
    request: Request, principal: Reader, paging: InOrder, wanted: Annotated[Filters, Depends(_filters)]
) -> Page[CustomerView]:
    """Customers whom the caller sees and who are all that is asked for, masked, a page at a time.

    By token, by the day they became customers, or by when others were last told of a change (`as_of`), up or down
    (`-`); a cursor goes on in the order that gave it. Who moves within that order while pages are read may be seen
    twice or not at all; who stays is seen once.
    """
    async with read(request) as connection:
        files = await store.page(
            connection,
            wanted,
            sight=principal.sight,
            order=paging.column,
            is_descending=paging.is_descending,
            after=paging.after,
            limit=paging.limit + 1,
        )
        ids = [file.customer_id for file in files]
        keys = await locks_of(request).keyring.find(connection, ids)
        persons = await store.persons_in_sight(connection, ids, sight=principal.sight)
    return paging.page(
        files,
        item=lambda file: CustomerView.of(file, keys.get(file.customer_id), persons[file.customer_id], principal.roles),
        key=lambda file: store.place_of(file, paging.column),
    )
