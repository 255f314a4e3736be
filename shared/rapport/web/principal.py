"""The caller as a verified token says: who, in which roles, on whose behalf, and how recently it was proved."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rapport.callers import key_of
from rapport.row_security import Extent, Sight
from rapport.web.scopes import (
    ARCHIVE_READERS,
    INQUIRY_READERS,
    ROLE_EXTENTS,
    ROLE_SCOPES,
    SCOPES,
    TOKEN_EXTENTS,
    extent_of,
)

_LEEWAY_SECONDS = 60
_CUSTOMER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")  # as events name one


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller. A person or system is (issuer, subject), never an e-mail address or a name."""

    issuer: str
    subject: str
    roles: frozenset[str]
    scopes: frozenset[str]
    token_id: str
    customer: str | None = None  # whom alone the token acts for, if it does
    acr: str | None = None
    """How the caller proved who it is, in the words of the issuer."""
    auth_time: float | None = None
    """When, in seconds since 1970."""

    @property
    def key(self) -> str:
        """The caller as one text, for rate limits and idempotency keys: one channel is another for each customer."""
        return key_of(self.issuer, self.subject, self.customer)

    @property
    def sight(self) -> Sight:
        """Whose customers the caller sees: the one its token acts for, or what the role sees that sees most."""
        return self._sight(ROLE_EXTENTS)

    @property
    def sight_of_tokens(self) -> Sight:
        """The same, in a service that knows customers by token alone."""
        return self._sight(TOKEN_EXTENTS)

    def _sight(self, extents: Mapping[str, Extent]) -> Sight:
        if self.customer is not None:
            return Sight("customer", self.customer)
        sees_archive = not ARCHIVE_READERS.isdisjoint(self.roles)
        return Sight(extent_of(self.roles, extents), self.subject, sees_archive=sees_archive)

    @property
    def sees_inquiries(self) -> bool:
        """Whether the caller is shown what can tell of an inquiry."""
        return not INQUIRY_READERS.isdisjoint(self.roles)


class TokenInvalid(Exception):
    """The token proves nothing. Why is for our log, not for the caller, and is never a part of the token."""


@dataclass(frozen=True, slots=True)
class StepUp:
    """What an operation that shows or moves much asks beside the token: an authentication of this class (`acr`), no
    older than so many seconds.
    """

    acr: str = "mfa"
    seconds: int = 300

    def is_met_by(self, principal: Principal, now: float) -> bool:
        """Whether the caller's authentication is strong and recent enough. One from the future is none."""
        if principal.acr != self.acr or principal.auth_time is None:
            return False
        return -_LEEWAY_SECONDS <= now - principal.auth_time <= self.seconds

    @property
    def challenge(self) -> str:
        """The header that tells a client what to ask the issuer for (RFC 9470, section 3)."""
        return (
            'Bearer error="insufficient_user_authentication", '
            'error_description="A stronger or more recent authentication is required", '
            f'acr_values="{self.acr}", max_age="{self.seconds}"'
        )


def principal_of(claims: Mapping[str, Any]) -> Principal:
    """The caller of a verified token. Raises TokenInvalid where a claim is not what it should be."""
    roles, scope, subject, token_id = claims.get("roles", []), claims.get("scope"), claims["sub"], claims["jti"]
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise TokenInvalid("roles")
    if scope is not None and not isinstance(scope, str):
        raise TokenInvalid("scope")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not isinstance(token_id, str):
        raise TokenInvalid("subject")
    by_role = frozenset().union(*(ROLE_SCOPES.get(role, frozenset()) for role in roles))
    asked = frozenset(scope.split()) & SCOPES if scope is not None else None
    scopes = by_role if asked is None else asked & by_role if roles else asked
    acr, auth_time = claims.get("acr"), claims.get("auth_time")
    if not isinstance(acr, str | None) or isinstance(auth_time, bool) or not isinstance(auth_time, int | float | None):
        raise TokenInvalid("acr or auth_time")
    customer = claims.get("customer_id")
    if customer is not None and not (isinstance(customer, str) and _CUSTOMER.fullmatch(customer)):
        raise TokenInvalid("customer_id")
    return Principal(str(claims["iss"]), subject, frozenset(roles), scopes, token_id, customer, acr, auth_time)
