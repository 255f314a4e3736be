"""The issuer's keys are fetched seldom, used stale for an hour at most, and never guessed."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from rapport.web.keys import IssuerKeys, KeysUnavailable, parse, source
from tests.shared.web.apps import backend, client, make_app
from tests.support.tokens import TestIssuer


class Issuer:
    """A key set that can change, fail and count."""

    def __init__(self, document: object) -> None:
        self.document = document
        self.is_away = False
        self.fetches = 0
        self.now = 0.0
        self.keys = IssuerKeys(self.fetch, clock=lambda: self.now)

    async def fetch(self) -> bytes:
        self.fetches += 1
        if self.is_away:
            raise OSError("away")
        return json.dumps(self.document).encode()


async def test_a_flood_of_unknown_key_ids_causes_one_fetch_in_30_seconds(issuer: TestIssuer) -> None:
    bank = Issuer(issuer.jwks())
    for number in range(100):
        assert await bank.keys.get(f"invented-{number}") is None
    assert bank.fetches == 1
    bank.now = 31
    await bank.keys.get("invented")
    assert bank.fetches == 2


async def test_a_new_key_is_known_half_a_minute_later_and_an_old_one_forgotten(issuer: TestIssuer) -> None:
    bank = Issuer({"keys": issuer.jwks()["keys"][:1]})
    first = issuer.jwks()["keys"][0]["kid"]
    assert await bank.keys.get(first) is not None
    generation = bank.keys.generation
    bank.document = {"keys": issuer.jwks()["keys"][1:]}
    bank.now = 31
    assert await bank.keys.get(issuer.jwks()["keys"][1]["kid"]) is not None
    assert await bank.keys.get(first) is None
    assert bank.keys.generation == generation + 1


async def test_an_issuer_that_is_away_is_trusted_for_an_hour_and_then_nobody_is(issuer: TestIssuer) -> None:
    bank = Issuer(issuer.jwks())
    await bank.keys.get("EdDSA")
    bank.is_away = True
    bank.now = 3500
    assert await bank.keys.get("EdDSA") is not None
    bank.now = 3601
    with pytest.raises(KeysUnavailable):
        await bank.keys.get("EdDSA")
    bank.is_away = False
    bank.now = 3640
    assert await bank.keys.get("EdDSA") is not None


async def test_an_issuer_that_was_never_there_is_503_not_401(issuer: TestIssuer) -> None:
    app = make_app(issuer, backend=backend(issuer))
    bank = Issuer({})
    bank.is_away = True
    app.state.authenticator._keys = bank.keys
    async with client(app, **issuer.bearer("rm")) as browser:
        answer = await browser.get("/tallies/1")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b'{"keys": 1}', b"\xff", b"{" * 5000, b" " * 300_000])
def test_a_document_that_is_no_key_set_is_refused(document: bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        parse(document)


async def test_a_broken_document_leaves_the_keys_as_they_were(issuer: TestIssuer) -> None:
    bank = Issuer(issuer.jwks())
    await bank.keys.get("EdDSA")
    bank.document = "not a key set"
    bank.now = 400
    assert await bank.keys.get("EdDSA") is not None


def test_keys_of_no_use_to_verify_are_left_out(issuer: TestIssuer) -> None:
    weak = json.loads(RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 1024).public_key()))
    private = json.loads(RSAAlgorithm.to_jwk(issuer.keys["RS256"]))
    good = issuer.jwks()["keys"][0]
    listed = [
        {**weak, "kid": "weak"},
        {**private, "kid": "private"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "secret", "alg": "HS256"},
        {**good, "kid": "encryption", "use": "enc"},
        {name: value for name, value in good.items() if name != "kid"},
        {"kty": "RSA", "kid": "incomplete"},
        "text",
        good,
    ]
    assert list(parse(json.dumps({"keys": listed}).encode())) == [good["kid"]]


async def test_keys_come_from_a_file(issuer: TestIssuer, tmp_path: Path) -> None:
    path = issuer.write_jwks(tmp_path)
    for place in (str(path), f"file://{path}"):
        assert parse(await source(place)()).keys() == {"EdDSA", "ES256", "RS256"}


@pytest.mark.parametrize("address", ["http://issuer.test/jwks", "http://127.0.0.1.evil.test/jwks", "ftp://x/y"])
def test_keys_never_come_over_a_plain_network(address: str) -> None:
    with pytest.raises(ValueError, match="https"):
        source(address)
