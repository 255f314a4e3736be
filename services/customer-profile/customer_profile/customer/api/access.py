"""Who may do something with a customer, or with all: who has the scope and sees them. To others they are unknown."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, HTTPException, Path, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.customer import store
from customer_profile.customer.domain import CustomerDestroyed, CustomerNotFound, File
from customer_profile.limits import TooOften
from rapport.errors import DomainError
from rapport.events.base import Token
from rapport.messaging.transaction import Transaction
from rapport.row_security import Sight
from rapport.web import Principal, backend, read, require

CustomerId = Annotated[Token, Path(description="The customer's token")]


def on_customer(
    *scopes: str, enough: Callable[[Iterable[bool]], bool] = all, step_up: bool = False
) -> Callable[..., Awaitable[Principal]]:
    """`Annotated[Principal, Depends(on_customer("customers:read"))]` below `/{customer_id}`: the caller, who has these
    scopes, or `any`, and sees this customer. Another's customer is answered like one who is not recorded: 404.
    """
    authorized = require(*scopes, enough=enough, step_up=step_up)

    async def caller(
        customer_id: CustomerId, request: Request, principal: Annotated[Principal, Depends(authorized)]
    ) -> Principal:
        async with read(request) as connection:
            await found(connection, customer_id, sight=principal.sight)
        return principal

    return caller


def on_all_customers(*scopes: str) -> Callable[..., Awaitable[Principal]]:
    """`Annotated[Principal, Depends(on_all_customers("merges:read"))]`, for what is of no one customer: the caller, who
    has these scopes and sees all customers. A token for one customer, or in no role, does not: 403.
    """
    authorized = require(*scopes)

    async def caller(principal: Annotated[Principal, Depends(authorized)]) -> Principal:
        if principal.sight.extent != "all":
            raise HTTPException(403, "This is for who sees all customers, and the caller's token shows fewer")
        return principal

    return caller


async def found(connection: AsyncConnection, customer_id: str, *, sight: Sight) -> File:
    """The file of this customer. Raises what `unfound` says where there is none in sight."""
    file = await store.find(connection, customer_id, sight=sight)
    if file is None:
        raise await unfound(connection, customer_id, sight=sight)
    return file


async def unfound(connection: AsyncConnection, customer_id: str, *, sight: Sight) -> DomainError:
    """Why there is no file in sight: CustomerNotFound, and CustomerDestroyed for who sees all customers."""
    end = await store.end_of(connection, customer_id) if sight.extent == "all" else None
    if end is None or end.rule is None:
        return CustomerNotFound()
    return CustomerDestroyed(end.occurred_at.date(), end.rule, end.policy_version)


@asynccontextmanager
async def noting_refusal(
    request: Request, principal: Principal, note: Callable[[Transaction], Awaitable[None]]
) -> AsyncIterator[None]:
    """Who does something too often is answered 429, and `note` writes the line of the trail that says so: in a
    transaction of its own, since what was refused has undone the other.
    """
    try:
        yield
    except TooOften as refusal:
        behind = backend(request)
        async with behind.transactions.begin(sight=behind.sight_of(principal)) as tx:
            await note(tx)
        raise HTTPException(429, str(refusal), headers={"Retry-After": str(refusal.wait)}) from None
