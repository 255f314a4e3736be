"""Tokens that act for one customer: a channel's, which the bank's issuer makes when that customer has signed in.

The claim `customer_id` names the customer by token. No such token reaches an operation of another customer, in any
service; operations on `/me` need one.
"""

from dataclasses import dataclass

from fastapi import Request
from starlette.exceptions import HTTPException

from rapport.web.authentication import Require, require
from rapport.web.principal import Principal


@dataclass(frozen=True, slots=True)
class OwnCustomer:
    """Who asks, and for whom."""

    principal: Principal
    customer_id: str


class RequireCustomer(Require):
    """The dependency `require_customer` makes."""

    async def __call__(self, request: Request) -> OwnCustomer:  # type: ignore[override]
        """Raises what `require` does, and 403 for a token that acts for nobody in particular."""
        principal = await super().__call__(request)
        if principal.customer is None:
            raise HTTPException(403, "This needs a token with the claim customer_id, of a customer who has signed in")
        return OwnCustomer(principal, principal.customer)


def require_customer(scope: str, *, step_up: bool = False) -> RequireCustomer:
    """`Annotated[OwnCustomer, Depends(require_customer("me:read"))]`: the caller, and the customer it acts for."""
    return RequireCustomer(require(scope).scopes, all, step_up=step_up)
