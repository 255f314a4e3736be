"""Who may do something with a customer, in services that know customers by token: who has the scope and sees them."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated

from fastapi import Depends, Path, Request

from rapport.errors import DomainError
from rapport.sight.store import sees
from rapport.web import Principal, read, require

CustomerId = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$", description="Token of the customer", examples=["c-4f1d8a"])
]


def on_customer(
    *scopes: str, unknown: Callable[[], DomainError], enough: Callable[[Iterable[bool]], bool] = all
) -> Callable[..., Awaitable[Principal]]:
    """`Annotated[Principal, Depends(on_customer("risks:read", unknown=RiskNotFound))]` below `/{customer_id}`: the
    caller, who has these scopes, or `any`, and sees this customer. Another's is answered like one whom nobody knows.
    """
    authorized = require(*scopes, enough=enough)

    async def caller(
        customer_id: CustomerId, request: Request, principal: Annotated[Principal, Depends(authorized)]
    ) -> Principal:
        async with read(request) as connection:
            if not await sees(connection, customer_id, principal.sight_of_tokens):
                raise unknown()
        return principal

    return caller
