"""An issuer of access tokens for tests: a key of each allowed algorithm, tokens as a bank's identity provider makes."""

import json
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

ISSUER = "https://issuer.test"
AUDIENCE = "rapport"


class TestIssuer:
    """`token("rm")` is accepted by a service whose settings name ISSUER, AUDIENCE and the file of `write_jwks`."""

    __test__ = False

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {
            "EdDSA": Ed25519PrivateKey.generate(),
            "ES256": ec.generate_private_key(ec.SECP256R1()),
            "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
        }

    def jwks(self) -> dict[str, Any]:
        """The public keys; a key's id is the name of its algorithm."""
        makers: dict[str, Any] = {"EdDSA": OKPAlgorithm, "ES256": ECAlgorithm, "RS256": RSAAlgorithm}
        entries = []
        for algorithm, key in self.keys.items():
            entry = json.loads(makers[algorithm].to_jwk(key.public_key()))
            entries.append({**entry, "kid": algorithm, "use": "sig", "alg": algorithm})
        return {"keys": entries}

    def write_jwks(self, folder: Path) -> Path:
        """The key set as a file."""
        path = folder / "jwks.json"
        path.write_text(json.dumps(self.jwks()))
        return path

    def claims(self, *roles: str, subject: str = "employee-1") -> dict[str, Any]:
        """What a good token says."""
        now = int(time.time())
        identity = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "jti": str(uuid4()), "client_id": "test"}
        return {**identity, "iat": now, "exp": now + 300, "roles": list(roles)}

    def token(self, *roles: str, subject: str = "employee-1", algorithm: str = "EdDSA", **claims: Any) -> str:
        """A token with these roles; `claims` replace or add to what it says."""
        said = {**self.claims(*roles, subject=subject), **claims}
        headers = {"kid": algorithm, "typ": "at+jwt"}
        return jwt.encode(said, self.keys[algorithm], algorithm=algorithm, headers=headers)

    def bearer(self, *roles: str, subject: str = "employee-1", **claims: Any) -> dict[str, str]:
        """The header of a request of someone with these roles."""
        return {"Authorization": f"Bearer {self.token(*roles, subject=subject, **claims)}"}
