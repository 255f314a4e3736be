"""A token that proves nothing opens nothing."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from jwt import PyJWK

from rapport.web.authentication import Authenticator, require, unprotected_operations
from rapport.web.keys import IssuerKeys
from rapport.web.scopes import ROLE_SCOPES
from tests.shared.web.apps import authenticator, client, make_app
from tests.support.tokens import AUDIENCE, ISSUER, TestIssuer

Forge = Callable[[TestIssuer], str]


def _part(content: object) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _signed(issuer: TestIssuer, claims: dict[str, Any] | bytes, **header: Any) -> str:
    """A token signed with the issuer's own Ed25519 key, whatever its header and claims say."""
    head = {"alg": "EdDSA", "kid": "EdDSA", "typ": "at+jwt", **header}
    text = f"{_part({k: v for k, v in head.items() if v is not ...})}.{_part(claims)}"
    return f"{text}.{_part(issuer.keys['EdDSA'].sign(text.encode()))}"


def _changed(**changes: Any) -> Forge:
    """A token whose claims are changed before it is signed; `...` takes a claim away."""

    def forge(issuer: TestIssuer) -> str:
        claims = {**issuer.claims("rm"), **changes}
        return _signed(issuer, {name: value for name, value in claims.items() if value is not ...})

    return forge


def _header(**changes: Any) -> Forge:
    return lambda issuer: _signed(issuer, issuer.claims("rm"), **changes)


def _hmac_with_the_public_key(issuer: TestIssuer) -> str:
    public = issuer.keys["RS256"].public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    text = f"{_part({'alg': 'HS256', 'kid': 'RS256', 'typ': 'at+jwt'})}.{_part(issuer.claims('rm'))}"
    return f"{text}.{_part(hmac.new(pem, text.encode(), hashlib.sha256).digest())}"


def _unsigned(algorithm: str) -> Forge:
    return lambda issuer: f"{_part({'alg': algorithm, 'kid': 'EdDSA', 'typ': 'at+jwt'})}.{_part(issuer.claims('rm'))}."


def _foreign_key(issuer: TestIssuer) -> str:
    headers = {"kid": "EdDSA", "typ": "at+jwt"}
    return jwt.encode(issuer.claims("rm"), Ed25519PrivateKey.generate(), algorithm="EdDSA", headers=headers)


def _foreign_rsa_key_in_the_header(issuer: TestIssuer) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    own = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    headers = {"kid": "RS256", "typ": "at+jwt", "jwk": own, "jku": "https://evil.test/jwks"}
    return jwt.encode(issuer.claims("rm"), key, algorithm="RS256", headers=headers)


def _other_algorithm_of_the_same_key(issuer: TestIssuer) -> str:
    headers = {"kid": "RS256", "typ": "at+jwt"}
    return jwt.encode(issuer.claims("rm"), issuer.keys["RS256"], algorithm="RS512", headers=headers)


def _key_of_another_algorithm(issuer: TestIssuer) -> str:
    headers = {"kid": "EdDSA", "typ": "at+jwt"}
    return jwt.encode(issuer.claims("rm"), issuer.keys["RS256"], algorithm="RS256", headers=headers)


def _tampered_claims(issuer: TestIssuer) -> str:
    head, _, signature = issuer.token("channel").split(".")
    return f"{head}.{_part(issuer.claims('rm'))}.{signature}"


def _repeated_claim(issuer: TestIssuer) -> str:
    text = json.dumps(issuer.claims("channel"))
    return _signed(issuer, f'{text[:-1]}, "roles": ["rm"]}}'.encode())


def _repeated_header(issuer: TestIssuer) -> str:
    head = b'{"alg":"EdDSA","kid":"EdDSA","typ":"at+jwt","alg":"none"}'
    text = f"{_part(head)}.{_part(issuer.claims('rm'))}"
    return f"{text}.{_part(issuer.keys['EdDSA'].sign(text.encode()))}"


def _truncated(characters: int) -> Forge:
    return lambda issuer: issuer.token("rm")[:-characters]


NOW = int(time.time())
FORGERIES: dict[str, Forge] = {
    "empty": lambda _: "",
    "not a token": lambda _: "rm",
    "two parts": lambda issuer: ".".join(issuer.token("rm").split(".")[:2]),
    "five parts, as if encrypted": lambda issuer: issuer.token("rm") + ".a.b",
    "alg none": _unsigned("none"),
    "alg None": _unsigned("None"),
    "alg EdDSA without a signature": _unsigned("EdDSA"),
    "HS256 with the public key as secret": _hmac_with_the_public_key,
    "a foreign key under a known id": _foreign_key,
    "a foreign key that it brings along": _foreign_rsa_key_in_the_header,
    "RS512 is not on the list": _other_algorithm_of_the_same_key,
    "a key used with another key's algorithm": _key_of_another_algorithm,
    "claims changed after signing": _tampered_claims,
    "a signature cut short": _truncated(4),
    "a signature without its end": _truncated(40),
    "a claim named twice": _repeated_claim,
    "a header named twice": _repeated_header,
    "unknown key": _header(kid="other"),
    "no key id": _header(kid=...),
    "key id that is a number": _header(kid=1),
    "typ JWT, such as an identity token": _header(typ="JWT"),
    "no typ": _header(typ=...),
    "typ of a logout token": _header(typ="logout+jwt"),
    "a critical extension": _header(crit=["exp"]),
    "an unencoded payload": _header(b64=False, crit=["b64"]),
    "another issuer": _changed(iss="https://other.test"),
    "issuer with a slash more": _changed(iss="https://issuer.test/"),
    "issuer that is a list": _changed(iss=["https://issuer.test"]),
    "no issuer": _changed(iss=...),
    "another audience": _changed(aud="account"),
    "no audience": _changed(aud=...),
    "empty list of audiences": _changed(aud=[]),
    "expired by 61 s": _changed(exp=NOW - 62),
    "expired long ago": _changed(exp=0),
    "no expiry": _changed(exp=...),
    "expiry that is a text": _changed(exp="soon"),
    "expiry out of range": _changed(exp=-1e300),
    "not valid yet": _changed(nbf=NOW + 86_400),
    "issued in the future": _changed(iat=NOW + 86_400),
    "no time of issue": _changed(iat=...),
    "no subject": _changed(sub=...),
    "empty subject": _changed(sub=""),
    "subject that is a number": _changed(sub=7),
    "no token id": _changed(jti=...),
    "roles that are a text": _changed(roles="rm"),
    "roles that hold an object": _changed(roles=[{"name": "rm"}]),
    "scope that is a list": _changed(scope=["alerts:read"]),
    "claims that are a list": lambda issuer: _signed(issuer, b'["rm"]'),
    "claims that are not JSON": lambda issuer: _signed(issuer, b"rm"),
    "claims nested without end": lambda issuer: _signed(issuer, b"[" * 4000),
    "larger than 8 KiB": _changed(padding="x" * 9000),
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_token_is_401_and_hears_why_not(name: str, issuer: TestIssuer, app: FastAPI) -> None:
    token = FORGERIES[name](issuer)
    async with client(app) as browser:
        answer = await browser.get("/tallies/1", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert len(token) < 10 or token not in answer.text


async def test_the_forger_can_make_a_good_token_so_the_table_tests_what_it_says(issuer: TestIssuer) -> None:
    principal = await authenticator(issuer).authenticate(_signed(issuer, issuer.claims("rm")))
    assert principal.roles == {"rm"}


@pytest.mark.parametrize("value", [None, "rm", "Basic cm06cm0=", "Bearer", "Bearer  ", "bearer\ttoken"])
async def test_without_a_bearer_token_it_is_401(value: str | None, app: FastAPI) -> None:
    async with client(app) as browser:
        answer = await browser.get("/tallies/1", headers={"Authorization": value} if value else {})
    assert answer.status_code == 401


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256", "RS256"])
async def test_a_token_of_each_allowed_algorithm_names_its_caller(algorithm: str, issuer: TestIssuer) -> None:
    token = issuer.token("rm", subject="rm-7", algorithm=algorithm)
    principal = await authenticator(issuer).authenticate(token)
    assert (principal.subject, principal.roles) == ("rm-7", {"rm"})
    assert principal.scopes == ROLE_SCOPES["rm"]


async def test_an_expired_token_is_accepted_for_a_minute_of_clock_difference(issuer: TestIssuer) -> None:
    principal = await authenticator(issuer).authenticate(_changed(exp=int(time.time()) - 50)(issuer))
    assert principal.roles == {"rm"}


async def test_a_token_is_verified_again_after_a_minute_and_never_remembered_past_its_end(issuer: TestIssuer) -> None:
    asked = 0

    class CountedKeys(IssuerKeys):
        async def get(self, key_id: str) -> PyJWK | None:
            nonlocal asked
            asked += 1
            return await super().get(key_id)

    async def fetch() -> bytes:
        return json.dumps(issuer.jwks()).encode()

    now = time.time()
    gate = Authenticator(issuer=ISSUER, audience=AUDIENCE, keys=CountedKeys(fetch), clock=lambda: now)
    long, ending = issuer.token("rm"), issuer.token("rm", exp=int(now) - 30)
    for token in (long, ending, long, ending):
        await gate.authenticate(token)
    assert asked == 2
    now += 31
    for token in (long, ending):
        await gate.authenticate(token)
    assert asked == 3
    now += 30
    await gate.authenticate(long)
    assert asked == 4


async def test_scope_narrows_a_role_and_never_widens_it(issuer: TestIssuer) -> None:
    gate = authenticator(issuer)
    narrowed = await gate.authenticate(issuer.token("rm", scope="alerts:read operations:write"))
    alone = await gate.authenticate(issuer.token(scope="alerts:read admin"))
    unknown = await gate.authenticate(issuer.token("root"))
    assert narrowed.scopes == {"alerts:read"}
    assert alone.scopes == {"alerts:read"}
    assert unknown.scopes == frozenset()


async def test_a_caller_without_the_scope_is_403(issuer: TestIssuer, app: FastAPI) -> None:
    async with client(app, **issuer.bearer("channel")) as browser:
        answer = await browser.get("/tallies/1")
    assert answer.status_code == 403
    assert 'scope="alerts:read"' in answer.headers["www-authenticate"]


def test_a_misspelt_scope_is_found_at_import() -> None:
    with pytest.raises(ValueError, match="unknown"):
        require("alert:read")
    with pytest.raises(ValueError, match="no scopes"):
        require()


def test_every_operation_but_health_asks_for_a_token(issuer: TestIssuer) -> None:
    assert unprotected_operations(make_app(issuer)) == ["GET /health/live", "GET /health/ready"]
