"""Equal values find each other, and nobody without the key can try out which value a hash is of.

A plain hash of a resident id is found by trying all; this one is an HMAC under a key of its own, which lies neither in
the database nor in the file of the keys that seal.
"""

import hashlib
import hmac
import struct

from rapport.privacy.encryption import MasterKeys, bound

_VERSION = struct.Struct(">H")


class BlindIndex:
    """`key version(2) | HMAC-SHA256(32)` of a value in its normal form; two fields never share a key (HKDF)."""

    def __init__(self, service: str, fields: tuple[str, ...], keys: MasterKeys) -> None:
        self.current = _VERSION.pack(keys.current)
        """What each value under the newest key begins with."""
        self._newest_first = sorted(keys.keys, reverse=True)
        self._keys = {
            (field, version): keys.derived_bytes(version, bound("rapport", "blind-index", service, field))
            for field in fields
            for version in keys.keys
        }

    def of(self, field: str, value: str) -> bytes:
        """Under the newest key, to be kept."""
        return self.all_of(field, value)[0]

    def all_of(self, field: str, value: str) -> list[bytes]:
        """Under every key, to be looked for: while keys change, a value may lie there under either."""
        return [self._under(version, field, value) for version in self._newest_first]

    def _under(self, version: int, field: str, value: str) -> bytes:
        key = self._keys[field, version]
        return _VERSION.pack(version) + hmac.digest(key, value.encode(), hashlib.sha256)
