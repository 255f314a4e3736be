"""Who is calling: an access token (RFC 9068) of the one configured issuer, verified before anything else is done.

Every operation but health states what it needs with `require(scope)`. Ownership of a customer is no claim of a token.
"""

import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

import jwt
from fastapi import FastAPI, Request
from fastapi.routing import RouteContext, iter_route_contexts
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException

from rapport.web.door import let_in
from rapport.web.keys import ALGORITHMS, IssuerKeys, KeysUnavailable
from rapport.web.limits import RateLimit
from rapport.web.principal import Principal, StepUp, TokenInvalid, principal_of
from rapport.web.scopes import SCOPES

LEEWAY_SECONDS = 60
MAX_TOKEN_BYTES = 8 * 1024
_CACHE_SECONDS = 60.0
_CACHE_SIZE = 10_000
_TYPES = frozenset({"at+jwt", "application/at+jwt"})
_CLAIMS = ["exp", "iat", "iss", "aud", "sub", "jti"]


class Authenticator:
    """Turns a token into a Principal. One verified is remembered for a minute, or until the issuer's keys change."""

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        keys: IssuerKeys,
        step_up: StepUp = StepUp(),  # noqa: B008 - frozen
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self.step_up = step_up
        self._clock = clock
        self._verified: OrderedDict[bytes, tuple[Principal, float, int]] = OrderedDict()

    def now(self) -> float:
        """The clock that tokens are judged by."""
        return self._clock()

    async def authenticate(self, token: str) -> Principal:
        """Raises TokenInvalid, or KeysUnavailable when nobody can be known just now."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
        remembered = self._verified.get(digest)
        if remembered and remembered[1] > self._clock() and remembered[2] == self._keys.generation:
            return remembered[0]
        claims = await self._verify(token)
        principal = principal_of(claims)
        until = min(self._clock() + _CACHE_SECONDS, float(claims["exp"]) + LEEWAY_SECONDS)
        self._verified[digest] = (principal, until, self._keys.generation)
        if len(self._verified) > _CACHE_SIZE:
            self._verified.popitem(last=False)
        return principal

    async def _verify(self, token: str) -> dict[str, Any]:
        header = _header(token)
        key = await self._keys.get(header["kid"])
        if key is None or key.algorithm_name != header["alg"]:
            raise TokenInvalid("no such key of the issuer")
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY_SECONDS,
                options={"require": _CLAIMS, "verify_iat": True, "verify_nbf": True},
            )
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            raise TokenInvalid(type(error).__name__) from None
        _refuse_repeated_names(token.split(".")[1])
        return claims


def _header(token: str) -> dict[str, Any]:
    if len(token) > MAX_TOKEN_BYTES or not token.isascii() or token.count(".") != 2:
        raise TokenInvalid("not a signed token")
    header = _refuse_repeated_names(token.partition(".")[0])
    if header.get("alg") not in ALGORITHMS or "crit" in header or not isinstance(header.get("kid"), str):
        raise TokenInvalid("header")
    if not isinstance(header.get("typ"), str) or header["typ"].lower() not in _TYPES:
        raise TokenInvalid("not an access token")
    return header


def _refuse_repeated_names(part: str) -> dict[str, Any]:
    """The JSON object of a token's part. Two readers of a repeated name may see two tokens, so it is refused."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise TokenInvalid("repeated name")
        return dict(pairs)

    try:
        decoded = json.loads(jwt.utils.base64url_decode(part), object_pairs_hook=once)
    except (ValueError, RecursionError):
        raise TokenInvalid("not JSON") from None
    if not isinstance(decoded, dict):
        raise TokenInvalid("not an object")
    return decoded


class Require(HTTPBearer):
    """The dependency `require` makes. Being a security scheme, it shows in the OpenAPI document."""

    def __init__(
        self, scopes: frozenset[str], enough: Callable[[Iterable[bool]], bool], *, step_up: bool = False
    ) -> None:
        super().__init__(scheme_name="access token", bearerFormat="JWT", auto_error=False)
        self.scopes, self._enough, self._step_up = scopes, enough, step_up

    async def __call__(self, request: Request) -> Principal:  # type: ignore[override]
        """The caller; raises 401, 403, 429 or 503, and what the door refuses."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise HTTPException(401, "An access token is required", headers={"WWW-Authenticate": "Bearer"})
        authenticator: Authenticator = request.app.state.authenticator
        try:
            principal = await authenticator.authenticate(token.strip())
        except KeysUnavailable:
            raise HTTPException(503, "The issuer's keys cannot be had") from None
        except TokenInvalid:
            challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            raise HTTPException(401, "The access token is not valid here", headers=challenge) from None
        limit: RateLimit = request.app.state.rate_limit
        wait = limit.take(principal.key)
        if wait:
            raise HTTPException(429, "Too many requests of this caller", headers={"Retry-After": str(wait)})
        if not self._enough(scope in principal.scopes for scope in self.scopes):
            needed = sorted(self.scopes)
            challenge = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{" ".join(needed)}"'}
            between = " " if self._enough is all else " or "
            raise HTTPException(403, f"This needs {between.join(needed)}", headers=challenge)
        if principal.customer not in (None, request.path_params.get("customer_id", principal.customer)):
            raise HTTPException(403, "This token acts for one customer, and not for this one")
        if self._step_up and not authenticator.step_up.is_met_by(principal, authenticator.now()):
            headers = {"WWW-Authenticate": authenticator.step_up.challenge}
            raise HTTPException(401, "This needs a stronger or more recent authentication", headers=headers)
        request.state.principal = principal
        await let_in(request)
        return principal


def require(*scopes: str, enough: Callable[[Iterable[bool]], bool] = all, step_up: bool = False) -> Require:
    """`Annotated[Principal, Depends(require("alerts:read"))]`: the caller, who has all these scopes, or `any`.

    `step_up`: and who proved a moment ago, strongly, to be who the token says (RFC 9470).
    """
    unknown = set(scopes) - SCOPES
    if unknown or not scopes:
        raise ValueError(f"unknown or no scopes: {sorted(unknown)}")
    return Require(frozenset(scopes), enough, step_up=step_up)


def unprotected_operations(app: FastAPI) -> list[str]:
    """Operations that ask for no token, such as `GET /customers`. For tests: only health may be among them."""
    found = []
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)
        if dependant is None or not any(isinstance(call, Require) for call in _calls(dependant)):
            found += [f"{method} {context.path}" for method in sorted(context.methods or {"*"})]
    return sorted(found)


def scopes_of(context: RouteContext) -> frozenset[str]:
    """All scopes that an operation names."""
    calls = _calls(context.dependant) if hasattr(context, "dependant") else []
    return frozenset(scope for call in calls if isinstance(call, Require) for scope in call.scopes)


def _calls(dependant: Any) -> list[Any]:
    return [dependant.call, *(call for inner in dependant.dependencies for call in _calls(inner))]
