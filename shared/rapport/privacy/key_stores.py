"""Where key-encryption keys are: what wraps the customers' data keys, and opens them again, a batch at a time.

The file is for one machine and for tests; in production the keys stay in Vault (`rapport.privacy.vault`).
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from rapport.privacy.encryption import KeyUnknown, MasterKeys, bound, seal, unseal, version_of


class Item(NamedTuple):
    """A data key or a wrapped one, with the associated data that bind it to its owner."""

    owner: bytes
    value: bytes


class Wrapped(NamedTuple):
    """`version`: of the key that wrapped it; positive in a file, negative in Vault."""

    version: int
    value: bytes


class KeyStore(Protocol):
    """Wraps and opens data keys; both keep the order of what they are given."""

    async def newest(self) -> int:
        """The version that wraps what is new."""

    async def wrap(self, keys: Sequence[Item]) -> list[Wrapped]:
        """Under the newest key. Raises NotReady when the store cannot be reached."""

    async def unwrap(self, wrapped: Sequence[Item]) -> list[bytes]:
        """Under whichever key wrapped each. Raises CannotDecrypt, KeyUnknown, or NotReady."""

    async def close(self) -> None:
        """Let go of connections."""


class FileKeys:
    """The keys of a file, derived for this service."""

    def __init__(self, service: str, masters: MasterKeys) -> None:
        purpose = bound("rapport", "data-keys", service)
        self._current = masters.current
        self._ciphers = {version: masters.derived(version, purpose) for version in masters.keys}

    async def newest(self) -> int:
        """The highest version of the file."""
        return self._current

    async def wrap(self, keys: Sequence[Item]) -> list[Wrapped]:
        """See KeyStore."""
        cipher = self._ciphers[self._current]
        return [Wrapped(self._current, seal(cipher, self._current, key, owner)) for owner, key in keys]

    async def unwrap(self, wrapped: Sequence[Item]) -> list[bytes]:
        """See KeyStore."""
        return [self._unwrapped(*item) for item in wrapped]

    def _unwrapped(self, owner: bytes, wrapped: bytes) -> bytes:
        cipher = self._ciphers.get(version := version_of(wrapped))
        if cipher is None:
            raise KeyUnknown(f"the key file holds no version {version}")
        return unseal(cipher, wrapped, owner)

    async def close(self) -> None:
        """Nothing is open."""
