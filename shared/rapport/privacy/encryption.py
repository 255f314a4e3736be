"""Encryption by field under a key per customer, so that destroying one key erases one customer.

A customer's data key lies in the service's own database, wrapped by a key-encryption key from a file. A value is bound
to its service, table, column and customer: moved to another row or column it no longer opens.
"""

import base64
import binascii
import hashlib
import hmac
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rapport.errors import NotReady
from rapport.privacy.ciphers import NONCE, TAG, Aead, Algorithm, AlgorithmName

_HEADER = struct.Struct(">BH")


class CannotDecrypt(Exception):
    """The value was altered, moved, encrypted under another key, or is no ciphertext of ours. Says nothing else."""


class Altered(CannotDecrypt):
    """The same, found by work on all values: the text names table, column and key of the row, and no value."""

    def __init__(self, table: str, column: str, row: str) -> None:
        super().__init__(f"{table}.{column} of the row {row} was altered and does not open")


class KeyUnknown(CannotDecrypt, NotReady):
    """The value is under a key version that this process's key file does not hold: a newer file can read it."""


class KeyFileInvalid(Exception):
    """The key file is missing or not lines of `<version>:<32 bytes in base64>`; the text shows no key."""


def bound(*parts: str) -> bytes:
    """Associated data of these parts, each with its length: ("a", "bc") and ("ab", "c") differ."""
    encoded = [part.encode() for part in parts]
    return b"".join(struct.pack(">I", len(part)) + part for part in encoded)


def seal(cipher: Aead, version: int, plain: bytes, associated: bytes) -> bytes:
    """`alg(1) | key version(2) | nonce(12) | ciphertext | tag(16)`; the header is authenticated too."""
    header = _HEADER.pack(cipher.algorithm, version)
    nonce = os.urandom(NONCE)
    return header + nonce + cipher.encrypt(nonce, plain, header + associated)


def version_of(sealed: bytes) -> int:
    """Which version of the key sealed this. Raises CannotDecrypt for what is no ciphertext of ours."""
    return _header_of(sealed)[1]


def _header_of(sealed: bytes) -> tuple[Algorithm, int]:
    if len(sealed) < _HEADER.size + NONCE + TAG:
        raise CannotDecrypt
    algorithm, version = _HEADER.unpack_from(sealed)
    try:
        return Algorithm(algorithm), int(version)
    except ValueError:
        raise CannotDecrypt from None


def unseal(cipher: Aead, sealed: bytes, associated: bytes) -> bytes:
    """The inverse of `seal`. Raises CannotDecrypt."""
    algorithm, _ = _header_of(sealed)
    header, nonce, rest = sealed[: _HEADER.size], sealed[_HEADER.size :][:NONCE], sealed[_HEADER.size + NONCE :]
    try:
        return cipher.decrypt(algorithm, nonce, rest, header + associated)
    except InvalidTag:
        raise CannotDecrypt from None


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """The key-encryption keys by version. The highest wraps what is new; the others only open what is old.

    `algorithm` seals what is new, here and under every customer's key; what another sealed opens as well.
    """

    keys: Mapping[int, bytes] = field(repr=False)
    algorithm: Algorithm = Algorithm.AES_256_GCM

    @classmethod
    def read(cls, path: Path, algorithm: AlgorithmName = "aes-256-gcm") -> Self:
        """Keys of a file with lines `<version>:<32 bytes in base64>`; empty lines and `#` comments are skipped."""
        try:
            lines = path.read_text(encoding="ascii").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise KeyFileInvalid(f"the key file {path} cannot be read ({type(error).__name__})") from None
        keys: dict[int, bytes] = {}
        for number, line in enumerate(lines, start=1):
            if not line.strip() or line.startswith("#"):
                continue
            version, key = _parse_key(line, f"line {number} of the key file {path}")
            if version in keys:
                raise KeyFileInvalid(f"line {number} of the key file {path} repeats version {version}")
            keys[version] = key
        if not keys:
            raise KeyFileInvalid(f"the key file {path} holds no key")
        return cls(keys, Algorithm.named(algorithm))

    @property
    def current(self) -> int:
        """The version that wraps new keys."""
        return max(self.keys)

    def derived(self, version: int, purpose: bytes) -> Aead:
        """A key for one purpose, so that no two uses ever share a key (HKDF, RFC 5869). Raises CannotDecrypt."""
        return Aead(self.derived_bytes(version, purpose), self.algorithm)

    def derived_bytes(self, version: int, purpose: bytes) -> bytes:
        """The same as 32 bytes, for what is no cipher. Raises CannotDecrypt."""
        key = self.keys.get(version)
        if key is None:
            raise KeyUnknown(f"the key file holds no version {version}")
        return HKDF(SHA256(), length=32, salt=None, info=purpose).derive(key)


def _parse_key(line: str, where: str) -> tuple[int, bytes]:
    version, _, encoded = line.strip().partition(":")
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        key = b""
    if not (version.isdigit() and 1 <= int(version) <= 0x7FFF) or len(key) != 32:
        raise KeyFileInvalid(f"{where} is not `<version 1..32767>:<32 bytes in base64>`")
    return int(version), key


class ServiceCipher:
    """Encrypts what belongs to no one customer: dead letters, parked records, answers kept for repeats."""

    def __init__(self, service: str, masters: MasterKeys) -> None:
        purpose = bound("rapport", "service", service)
        self._service = service
        self._current = masters.current
        self._ciphers = {version: masters.derived(version, purpose) for version in masters.keys}
        digesting = bound("rapport", "digest", service)
        newest_first = sorted(masters.keys, reverse=True)
        self._digesting = [masters.derived_bytes(version, digesting) for version in newest_first]

    def encrypt(self, table: str, column: str, value: bytes, *, row: str = "") -> bytes:
        """`row` binds the value to its row as well, where it has a key that never changes."""
        return seal(self._ciphers[self._current], self._current, value, bound(self._service, table, column, row))

    def decrypt(self, table: str, column: str, sealed: bytes, *, row: str = "") -> bytes:
        """Raises CannotDecrypt unless `sealed` was encrypted for this very place."""
        cipher = self._ciphers.get(version := version_of(sealed))
        if cipher is None:
            raise KeyUnknown(f"the key file holds no version {version}")
        return unseal(cipher, sealed, bound(self._service, table, column, row))

    def digests(self, content: bytes) -> list[bytes]:
        """HMAC-SHA256 of a content under every key, the newest first: one that is short is not found by trying all."""
        return [hmac.digest(key, content, hashlib.sha256) for key in self._digesting]

    def seal(self, plain: bytes, context: str) -> bytes:
        """For delivery: records that are kept; `context` says in which place."""
        return self.encrypt("delivery", context, plain)

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """The inverse of `seal`. Raises CannotDecrypt."""
        return self.decrypt("delivery", context, sealed)
