"""The stand-in for the bank's identity provider: signs access tokens, and publishes its public key as a file."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from jwt.algorithms import ECAlgorithm

from deploy.local.secret_files import write_secret

ISSUER = "https://issuer.rapport.localhost"
AUDIENCE = "rapport"


class Issuer:
    """A key pair in a folder, made when first needed. For demos and tests; a bank uses its own provider."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._private = folder / "private.pem"

    def public_keys(self) -> Path:
        """The file with the public keys (JWKS), for a service's `AUTH__JWKS`."""
        file = self._folder / "jwks.json"
        if not file.exists():
            public = ECAlgorithm.to_jwk(self._key().public_key(), as_dict=True)
            file.write_text(json.dumps({"keys": [{**public, "kid": self._key_id(), "use": "sig", "alg": "ES256"}]}))
        return file

    def token(
        self,
        roles: Sequence[str],
        *,
        subject: str | None = None,
        scope: str | None = None,
        customer: str | None = None,
        seconds: int = 8 * 3600,
        step_up: bool = False,
    ) -> str:
        """An access token (RFC 9068) for these roles, narrowed to `scope` and to one customer when these are given.

        `step_up`: it says that its bearer has just proved with two factors who it is.
        """
        now = int(time.time())
        claims: dict[str, object] = {
            **{"iss": ISSUER, "aud": AUDIENCE, "sub": subject or f"demo-{'-'.join(roles)}", "jti": str(uuid4())},
            **{"client_id": "demo", "iat": now, "nbf": now, "exp": now + seconds, "roles": list(roles)},
        }
        if scope is not None:
            claims["scope"] = scope
        if customer is not None:
            claims["customer_id"] = customer
        if step_up:
            claims |= {"acr": "mfa", "auth_time": now}
        return jwt.encode(claims, self._key(), algorithm="ES256", headers={"typ": "at+jwt", "kid": self._key_id()})

    def _key_id(self) -> str:
        return f"local-{self._key().public_key().public_numbers().x:064x}"[:22]

    def _key(self) -> ec.EllipticCurvePrivateKey:
        if not self._private.exists():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = ec.generate_private_key(ec.SECP256R1())
            write_secret(self._private, fresh.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())
        key = load_pem_private_key(self._private.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("the issuer's key is of another kind")
        return key
