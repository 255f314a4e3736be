"""Tokens in place of a core's own account and customer numbers: a keyed hash, so that no number leaves the edge.

The same number always gives the same token, and without the key nobody finds the number by trying all of them. The key
is never replaced: with another one every account would be another account.
"""

import hmac
from pathlib import Path

from rapport.privacy.encryption import KeyFileInvalid, MasterKeys

_BYTES = 16
"""Of the hash: with 10,000,000,000 accounts two share a token with a chance below 1 in 10^18."""


class NumberTokens:
    """Makes the tokens of one realm: cores that number accounts and customers alike share one."""

    def __init__(self, key: bytes, realm: str) -> None:
        self._key = key
        self._realm = realm.encode()

    def account(self, number: str) -> str:
        """`a-` and 32 hexadecimal digits."""
        return "a-" + self._hash(b"account", number)

    def customer(self, number: str) -> str:
        """`c-` and 32 hexadecimal digits."""
        return "c-" + self._hash(b"customer", number)

    def _hash(self, kind: bytes, number: str) -> str:
        # The realm is a code without zero bytes, and the number stands last: no two places frame alike.
        framed = b"\0".join((kind, self._realm, number.encode()))
        return hmac.digest(self._key, framed, "sha256")[:_BYTES].hex()


def read_token_key(path: Path) -> bytes:
    """The one key of a file with the line `1:<32 bytes in base64>`. Raises KeyFileInvalid."""
    keys = MasterKeys.read(path).keys
    if len(keys) != 1:
        raise KeyFileInvalid(f"the key file {path} holds {len(keys)} keys; tokens have one for ever")
    return next(iter(keys.values()))
