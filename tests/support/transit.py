"""Vault's transit engine as its API documents it, for tests: one key, encrypt and decrypt by batch, versions."""

import base64
import json
import os
from dataclasses import dataclass, field

import httpx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "s.of-the-tests"


@dataclass
class Transit:
    """`down`: nothing answers. `asked`: method, path and number of items of each request."""

    keys: dict[int, bytes] = field(default_factory=lambda: {1: os.urandom(32)})
    oldest: int = 1
    sealed: bool = False
    down: bool = False
    asked: list[tuple[str, str, int]] = field(default_factory=list)

    def rotate(self) -> None:
        self.keys[max(self.keys) + 1] = os.urandom(32)

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("nobody listens")
        items = json.loads(request.content)["batch_input"] if request.content else []
        self.asked.append((request.method, request.url.path, len(items)))
        if self.sealed:
            return httpx.Response(503, json={"errors": ["Vault is sealed"]})
        if request.headers["x-vault-token"] != TOKEN:
            return httpx.Response(403, json={"errors": ["permission denied"]})
        match (request.method, request.url.path):
            case ("GET", "/v1/transit/keys/rapport"):
                return httpx.Response(200, json={"data": {"name": "rapport", "latest_version": max(self.keys)}})
            case ("POST", "/v1/transit/encrypt/rapport"):
                return self._batch([self._encrypted(item) for item in items])
            case ("POST", "/v1/transit/decrypt/rapport"):
                return self._batch([self._decrypted(item) for item in items])
        return httpx.Response(400, json={"errors": ["encryption key not found"]})

    def _batch(self, results: list[dict[str, object]]) -> httpx.Response:
        failed = any("error" in result for result in results)
        return httpx.Response(400 if failed else 200, json={"data": {"batch_results": results}})

    def _encrypted(self, item: dict[str, str]) -> dict[str, object]:
        version, nonce = max(self.keys), os.urandom(12)
        plain, owner = base64.b64decode(item["plaintext"]), base64.b64decode(item["associated_data"])
        sealed = nonce + AESGCM(self.keys[version]).encrypt(nonce, plain, owner)
        return {"ciphertext": f"vault:v{version}:{base64.b64encode(sealed).decode()}", "key_version": version}

    def _decrypted(self, item: dict[str, str]) -> dict[str, object]:
        _, version, encoded = item["ciphertext"].split(":")
        if int(version[1:]) < self.oldest:
            return {"error": "ciphertext or signature version is disallowed by policy (too old)"}
        sealed, owner = base64.b64decode(encoded), base64.b64decode(item["associated_data"])
        try:
            plain = AESGCM(self.keys[int(version[1:])]).decrypt(sealed[:12], sealed[12:], owner)
        except InvalidTag:
            return {"error": "cipher: message authentication failed"}
        return {"plaintext": base64.b64encode(plain).decode()}
