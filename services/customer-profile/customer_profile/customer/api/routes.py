"""`/customers`: record, show, list and correct customers, and see who corrected what."""

import secrets
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from customer_profile.customer import handlers, store
from customer_profile.customer.api.access import CustomerId, found, on_all_customers, on_customer
from customer_profile.customer.api.requests import Correction, NewCustomer
from customer_profile.customer.api.views import CHANGE, CUSTOMER, Action, ChangeView, CustomerView
from customer_profile.customer.domain import File, IdentityByTwoPersons
from customer_profile.customer.identity import Locks
from rapport.messaging.transaction import Transaction
from rapport.web import Page, Paging, Principal, read, require, write
from rapport.web.examples import answers

router = APIRouter(prefix="/customers", tags=["customers"])
Reader = Annotated[Principal, Depends(require("customers:read"))]
ReaderOfCustomer = Annotated[Principal, Depends(on_customer("customers:read"))]
Writer = Annotated[Principal, Depends(on_all_customers("customers:write"))]
WriterOfCustomer = Annotated[Principal, Depends(on_customer("customers:write"))]
ByChange = Annotated[Paging, Depends(Paging.by(UUID))]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", pattern=r'^"[0-9]{1,18}"$', description="Only if the file is still at this revision"),
]


def locks_of(request: Request) -> Locks:
    """What identity is locked away with."""
    found: Locks = request.app.state.locks
    return found


@router.post(
    "",
    status_code=201,
    response_model=CustomerView,
    summary="Record a customer",
    responses=answers(201, CUSTOMER),
)
async def record_customer(body: NewCustomer, request: Request, principal: Writer) -> Response:
    """For a customer the core does not tell of, or not yet; a later record of the core replaces this one.

    Identity is encrypted before it is stored and never shown in clear again. 409 when the customer is recorded already,
    422 naming the field when a number's check digit does not fit or a phone is of no country.
    """
    customer_id = body.customer_id or secrets.token_hex(16)
    locks = locks_of(request)

    async def act(tx: Transaction) -> CustomerView:
        file = await handlers.create_customer(
            tx, customer_id, body.facts(), body.plain_identity(), locks=locks, by=principal.key
        )
        return await _view(tx, locks, file, principal)

    return await write(
        request, principal, customers=[customer_id], act=act, location=lambda view: f"/customers/{view.customer_id}"
    )


async def _view(tx: Transaction, locks: Locks, file: File, principal: Principal) -> CustomerView:
    keys = await locks.keyring.find(tx.connection, [file.customer_id])
    persons = await store.persons_in_sight(tx.connection, [file.customer_id], sight=principal.sight)
    return CustomerView.of(file, keys.get(file.customer_id), persons[file.customer_id], principal.roles)


@router.get("/{customer_id}", summary="Show a customer", responses=answers(200, CUSTOMER, _404="No such customer"))
async def show_customer(
    customer_id: CustomerId, request: Request, response: Response, principal: Reader
) -> CustomerView:
    """The file of one customer, masked; its revision is the ETag. `files` are those of the same person."""
    async with read(request) as connection:
        file = await found(connection, customer_id, sight=principal.sight)
        keys = await locks_of(request).keyring.find(connection, [customer_id])
        persons = await store.persons_in_sight(connection, [customer_id], sight=principal.sight)
    response.headers["ETag"] = f'"{file.revision}"'
    return CustomerView.of(file, keys.get(customer_id), persons[customer_id], principal.roles)


@router.patch(
    "/{customer_id}",
    response_model=CustomerView,
    summary="Correct a customer",
    responses=answers(
        200, CUSTOMER, _404="No such customer", _412="The file has changed since the revision in If-Match"
    ),
)
async def correct_customer(
    customer_id: CustomerId, body: Correction, request: Request, principal: WriterOfCustomer, if_match: IfMatch = None
) -> Response:
    """Sets the fields that are named and no others. Who corrected which fields, and when, is kept; values are not.

    A correction holds until the core records something later; a record that was made before it does not undo it. 409
    where the customer is restricted, and for a status that would move the relationship. Identity is set so by systems
    with `identities:write`; people ask for it (`POST /customers/{customer_id}/corrections`), and 403 says so.
    """
    locks = locks_of(request)
    if body.plain_identity() and "identities:write" not in principal.scopes:
        raise IdentityByTwoPersons("ask with POST /customers/{customer_id}/corrections: another person decides on it")
    revision = int(if_match.strip('"')) if if_match else None

    async def act(tx: Transaction) -> CustomerView:
        file = await handlers.correct_customer(
            tx,
            customer_id,
            body.facts(),
            body.plain_identity(),
            locks=locks,
            by=principal.key,
            rights=principal.scopes,
            revision=revision,
        )
        return await _view(tx, locks, file, principal)

    return await write(request, principal, customers=[customer_id], act=act, status=200)


@router.get(
    "/{customer_id}/changes",
    summary="List who corrected a customer's file",
    responses=answers(200, {"items": [CHANGE], "next": None}, _404="No such customer"),
)
async def list_changes(
    customer_id: CustomerId,
    request: Request,
    _: ReaderOfCustomer,
    paging: ByChange,
    action: Annotated[Action | None, Query(description="Only changes of this kind")] = None,
) -> Page[ChangeView]:
    """What staff and systems did over REST, the oldest first: which fields, by whom, when, never the values."""
    async with read(request) as connection:
        rows = await store.changes(connection, customer_id, action=action, after=paging.key, limit=paging.limit + 1)
    return paging.page(rows, item=ChangeView.of, key=lambda row: (row["change_id"],))
