"""The issuer's public keys: from a file or an address, refreshed seldom, used stale for a while, never guessed.

A flood of tokens with invented key ids causes one fetch in 30 s. After an hour without a successful fetch nothing is
trusted any more.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
from jwt import PyJWK
from jwt.exceptions import PyJWTError

ALGORITHMS = ("RS256", "ES256", "EdDSA")
REFRESH_SECONDS = 30.0
FRESH_SECONDS = 300.0
STALE_SECONDS = 3600.0
_MAX_BYTES = 256 * 1024
_MIN_RSA_BITS = 2048


class KeysUnavailable(Exception):
    """The issuer's keys could not be had for so long that none can be trusted: the caller must retry later."""


Fetch = Callable[[], Awaitable[bytes]]


def source(jwks: str) -> Fetch:
    """How to read `jwks`: an https address (http only for this machine, for tests and the demo), or a file."""
    scheme, separator, rest = jwks.partition("://")
    if scheme == "https" or (scheme == "http" and httpx.URL(jwks).host in {"127.0.0.1", "::1", "localhost"}):
        return lambda: _download(jwks)
    if separator and scheme != "file":
        raise ValueError("the key set's address must begin with https://")
    path = Path(rest if separator else jwks)
    return lambda: asyncio.to_thread(path.read_bytes)


async def _download(address: str) -> bytes:
    async with httpx.AsyncClient(timeout=3.0, follow_redirects=False) as client:
        response = await client.get(address, headers={"Accept": "application/jwk-set+json, application/json"})
        response.raise_for_status()
        return response.content


def parse(document: bytes) -> dict[str, PyJWK]:
    """The usable keys of a JWK set by key id: signature keys of the allowed algorithms, RSA of 2048 bits or more."""
    if len(document) > _MAX_BYTES:
        raise ValueError("the key set is too large")
    content = json.loads(document)
    listed = content.get("keys") if isinstance(content, dict) else None
    if not isinstance(listed, list):
        raise ValueError("the key set has no list of keys")  # noqa: TRY004 - a document's fault, like any other
    found: dict[str, PyJWK] = {}
    for entry in listed:
        if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str) or entry.get("use", "sig") != "sig":
            continue
        if entry.get("kty") == "oct" or "d" in entry:
            continue
        try:
            key = PyJWK.from_dict(entry)
        except (PyJWTError, ValueError, KeyError, TypeError):
            continue
        if key.algorithm_name in ALGORITHMS and getattr(key.key, "key_size", _MIN_RSA_BITS) >= _required_bits(key):
            found[entry["kid"]] = key
    return found


def _required_bits(key: PyJWK) -> int:
    return _MIN_RSA_BITS if key.algorithm_name == "RS256" else 0


class IssuerKeys:
    """A cache of the issuer's keys. `generation` grows whenever the set changes: what was verified is then dropped."""

    def __init__(self, fetch: Fetch, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, PyJWK] = {}
        self._document = b""
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._lock = asyncio.Lock()
        self.generation = 0

    async def get(self, key_id: str) -> PyJWK | None:
        """The key of this id, or None if the issuer has none. Raises KeysUnavailable when that cannot be known."""
        if self._age() > FRESH_SECONDS or key_id not in self._keys:
            await self._refresh()
        if self._age() > STALE_SECONDS:
            raise KeysUnavailable
        return self._keys.get(key_id)

    def _age(self) -> float:
        return float("inf") if self._fetched_at is None else self._clock() - self._fetched_at

    async def _refresh(self) -> None:
        async with self._lock:
            if self._tried_at is not None and self._clock() - self._tried_at < REFRESH_SECONDS:
                return
            self._tried_at = self._clock()
            try:
                document = await self._fetch()
                keys = parse(document)
            except (OSError, httpx.HTTPError, ValueError, RecursionError):
                return
            if document != self._document:
                self._document, self._keys = document, keys
                self.generation += 1
            self._fetched_at = self._clock()
