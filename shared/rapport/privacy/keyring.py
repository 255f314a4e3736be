"""The customers' data keys of one service: made when first needed, loaded for a whole batch in one statement.

Deleting a customer's row of `data_keys` makes every value encrypted under it unreadable for ever.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.privacy.ciphers import Aead, Algorithm, new_key
from rapport.privacy.encryption import CannotDecrypt, MasterKeys, bound, seal, unseal, version_of

_FIND = text("SELECT customer_id, wrapped FROM data_keys WHERE customer_id = ANY(CAST(:ids AS text[]))")
_MAKE = text(
    "INSERT INTO data_keys (customer_id, kek_version, wrapped) "
    "SELECT made.customer_id, :version, made.wrapped "
    "FROM unnest(CAST(:ids AS text[]), CAST(:wrapped AS bytea[])) AS made(customer_id, wrapped) "
    "ON CONFLICT (customer_id) DO NOTHING RETURNING customer_id"
)
# The header of a value names the generation of the customer's key; there is one until data keys are rotated.
_GENERATION = 1


class CustomerKey:
    """Encrypts the fields of one customer in one service."""

    __slots__ = ("_cipher", "_customer_id", "_service")

    def __init__(
        self, service: str, customer_id: str, key: bytes, algorithm: Algorithm = Algorithm.AES_256_GCM
    ) -> None:
        self._service = service
        self._customer_id = customer_id
        self._cipher = Aead(key, algorithm)

    def encrypt(self, table: str, column: str, value: str, *, row: str = "") -> bytes:
        """`row` binds the value to its row too, for a table with several rows a customer."""
        return seal(self._cipher, _GENERATION, value.encode(), self._place(table, column, row))

    def decrypt(self, table: str, column: str, sealed: bytes, *, row: str = "") -> str:
        """Raises CannotDecrypt unless `sealed` was encrypted for this very place of this customer."""
        if version_of(sealed) != _GENERATION:
            raise CannotDecrypt
        return unseal(self._cipher, sealed, self._place(table, column, row)).decode()

    def _place(self, table: str, column: str, row: str) -> bytes:
        return bound(self._service, table, column, self._customer_id, row)


class Keyring:
    """All customers' keys of one service; holds none of them in memory."""

    def __init__(self, service: str, masters: MasterKeys) -> None:
        purpose = bound("rapport", "data-keys", service)
        self._service = service
        self._current = masters.current
        self._algorithm = masters.algorithm
        self._wrapping = {version: masters.derived(version, purpose) for version in masters.keys}

    async def find(self, connection: AsyncConnection, customer_ids: Iterable[str]) -> dict[str, CustomerKey]:
        """The keys that exist. A customer without one has nothing encrypted, or has been erased."""
        ids = sorted(set(customer_ids))
        if not ids:
            return {}
        rows = await connection.execute(_FIND, {"ids": ids})
        return {row.customer_id: self._unwrapped(row.customer_id, row.wrapped) for row in rows}

    async def load(self, connection: AsyncConnection, customer_ids: Iterable[str]) -> dict[str, CustomerKey]:
        """The keys of all these customers; those missing are made, in one statement."""
        ids = sorted(set(customer_ids))
        keys = await self.find(connection, ids)
        missing = [customer_id for customer_id in ids if customer_id not in keys]
        if missing:
            keys |= await self._make(connection, missing)
        return keys

    async def _make(self, connection: AsyncConnection, customer_ids: Sequence[str]) -> dict[str, CustomerKey]:
        fresh = {customer_id: new_key() for customer_id in customer_ids}
        wrapped = [self._wrapped(customer_id, key) for customer_id, key in fresh.items()]
        values = {"ids": list(fresh), "wrapped": wrapped, "version": self._current}
        made = set((await connection.execute(_MAKE, values)).scalars())
        keys = {customer_id: self._key(customer_id, fresh[customer_id]) for customer_id in made}
        # Another transaction was first with these; it has committed, or the insert would still wait for it.
        return keys | await self.find(connection, set(customer_ids) - made)

    def _wrapped(self, customer_id: str, key: bytes) -> bytes:
        return seal(self._wrapping[self._current], self._current, key, bound(self._service, customer_id))

    def _unwrapped(self, customer_id: str, wrapped: bytes) -> CustomerKey:
        wrapping = self._wrapping.get(version_of(wrapped))
        if wrapping is None:
            raise CannotDecrypt
        return self._key(customer_id, unseal(wrapping, wrapped, bound(self._service, customer_id)))

    def _key(self, customer_id: str, key: bytes) -> CustomerKey:
        return CustomerKey(self._service, customer_id, key, self._algorithm)
