"""Who may do something with a customer: who has the scope and sees the customer. To all others it is unknown."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated

from fastapi import Depends, Path, Request

from customer_profile.customer import store
from customer_profile.customer.domain import CustomerNotFound
from rapport.events.base import Token
from rapport.web import Principal, read, require

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
            if await store.find(connection, customer_id, sight=principal.sight) is None:
                raise CustomerNotFound
        return principal

    return caller
