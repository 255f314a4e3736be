"""The two authenticated ciphers under one key: AES-256-GCM, and SM4-GCM where commercial cryptography is demanded.

The first byte of a ciphertext says which it is, so both open at any time, whichever seals what is new.
"""

import os
from enum import IntEnum
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12
TAG = 16
AlgorithmName = Literal["aes-256-gcm", "sm4-gcm"]


class Algorithm(IntEnum):
    """The first byte of a ciphertext. SM4 is GB/T 32907, its mode GCM as RFC 8998 has it."""

    AES_256_GCM = 1
    SM4_GCM = 2

    @classmethod
    def named(cls, name: AlgorithmName) -> "Algorithm":
        """The algorithm as a setting names it."""
        return cls[name.upper().replace("-", "_")]


def new_key() -> bytes:
    """32 random bytes."""
    return os.urandom(32)


class Aead:
    """A key of 32 bytes. `algorithm` is for what is new."""

    __slots__ = ("_aes", "_key", "algorithm")

    def __init__(self, key: bytes, algorithm: Algorithm = Algorithm.AES_256_GCM) -> None:
        self._key = key
        self._aes = AESGCM(key)
        self.algorithm = algorithm

    def encrypt(self, nonce: bytes, plain: bytes, associated: bytes) -> bytes:
        """Ciphertext and tag of 16 bytes."""
        if self.algorithm is Algorithm.AES_256_GCM:
            return self._aes.encrypt(nonce, plain, associated)
        encryptor = Cipher(SM4(self._sm4_key()), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated)
        return encryptor.update(plain) + encryptor.finalize() + encryptor.tag

    def decrypt(self, algorithm: Algorithm, nonce: bytes, sealed: bytes, associated: bytes) -> bytes:
        """The inverse of `encrypt` by this algorithm. Raises cryptography's InvalidTag."""
        if algorithm is Algorithm.AES_256_GCM:
            return self._aes.decrypt(nonce, sealed, associated)
        if len(sealed) < TAG:
            raise InvalidTag
        decryptor = Cipher(SM4(self._sm4_key()), modes.GCM(nonce, sealed[-TAG:])).decryptor()
        decryptor.authenticate_additional_data(associated)
        return decryptor.update(sealed[:-TAG]) + decryptor.finalize()

    def _sm4_key(self) -> bytes:
        """SM4 takes 16 bytes: derived, so that no two ciphers share a key (HKDF, RFC 5869)."""
        return HKDF(SHA256(), length=16, salt=None, info=b"rapport sm4-gcm").derive(self._key)
