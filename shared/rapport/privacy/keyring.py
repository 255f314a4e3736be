"""The customers' data keys of one service: made when first needed, loaded for a whole batch in one statement.

Deleting a customer's rows of `data_keys` makes every value encrypted under them unreadable for ever.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.errors import NotReady
from rapport.privacy.ciphers import Aead, Algorithm, new_key
from rapport.privacy.encryption import Altered, CannotDecrypt, MasterKeys, bound, seal, unseal, version_of
from rapport.privacy.key_stores import FileKeys, Item, KeyStore, Wrapped
from rapport.privacy.settings import EncryptionSettings
from rapport.privacy.vault import VaultKeys

_FIND = text("SELECT customer_id, generation, wrapped FROM data_keys WHERE customer_id = ANY(CAST(:ids AS text[]))")
_MAKE = text(
    "INSERT INTO data_keys (customer_id, generation, kek_version, wrapped) "
    "SELECT * FROM unnest(CAST(:ids AS text[]), CAST(:generations AS smallint[]), CAST(:versions AS smallint[]), "
    "CAST(:wrapped AS bytea[])) "
    "ON CONFLICT (customer_id, generation) DO NOTHING RETURNING customer_id"
)


class CustomerKey:
    """Encrypts the fields of one customer in one service: the newest generation seals, each opens what it sealed."""

    __slots__ = ("_ciphers", "_customer_id", "_service", "generation")

    def __init__(
        self,
        service: str,
        customer_id: str,
        keys: Mapping[int, bytes],
        algorithm: Algorithm = Algorithm.AES_256_GCM,
    ) -> None:
        self._service = service
        self._customer_id = customer_id
        self._ciphers = {generation: Aead(key, algorithm) for generation, key in keys.items()}
        self.generation = max(keys)

    def encrypt(self, table: str, column: str, value: str, *, row: str = "") -> bytes:
        """`row` binds the value to its row too, for a table with several rows a customer."""
        cipher = self._ciphers[self.generation]
        return seal(cipher, self.generation, value.encode(), self._place(table, column, row))

    def decrypt(self, table: str, column: str, sealed: bytes, *, row: str = "") -> str:
        """Raises CannotDecrypt unless `sealed` was encrypted for this very place of this customer."""
        cipher = self._ciphers.get(version_of(sealed))
        if cipher is None:
            raise CannotDecrypt
        return unseal(cipher, sealed, self._place(table, column, row)).decode()

    def _place(self, table: str, column: str, row: str) -> bytes:
        return bound(self._service, table, column, self._customer_id, row)


Owner = tuple[str, int]
"""Whose data key it is: customer and generation."""


class Keyring:
    """All customers' keys of one service; holds none of them in memory."""

    def __init__(self, service: str, store: KeyStore, algorithm: Algorithm = Algorithm.AES_256_GCM) -> None:
        self._service = service
        self._algorithm = algorithm
        self.store = store
        """Where the keys are that wrap the customers'."""

    @classmethod
    def of(cls, service: str, settings: EncryptionSettings) -> Self:
        """The keyring as the settings say. Raises KeyFileInvalid."""
        masters = MasterKeys.read(settings.key_file, settings.algorithm)
        files = FileKeys(service, masters)
        return cls(service, VaultKeys(settings.vault, files) if settings.vault else files, masters.algorithm)

    async def find(self, connection: AsyncConnection, customer_ids: Iterable[str]) -> dict[str, CustomerKey]:
        """The keys that exist. A customer without one has nothing encrypted, or has been erased."""
        ids = sorted(set(customer_ids))
        rows = (await connection.execute(_FIND, {"ids": ids})).all() if ids else []
        return await self.open({(row.customer_id, row.generation): row.wrapped for row in rows})

    async def open(self, wrapped: Mapping[Owner, bytes]) -> dict[str, CustomerKey]:
        """The customers' keys in these rows of `data_keys`. Raises as `unwrap` does."""
        opened = await self.unwrap(wrapped)
        found: defaultdict[str, dict[int, bytes]] = defaultdict(dict)
        for (customer_id, generation), key in opened.items():
            found[customer_id][generation] = key
        return {customer_id: self._key(customer_id, keys) for customer_id, keys in found.items()}

    async def load(self, connection: AsyncConnection, customer_ids: Iterable[str]) -> dict[str, CustomerKey]:
        """The keys of all these customers; those missing are made, in one statement."""
        ids = sorted(set(customer_ids))
        keys = await self.find(connection, ids)
        missing = dict.fromkeys((customer_id for customer_id in ids if customer_id not in keys), 1)
        if missing:
            keys |= await self._make(connection, missing)
        return keys

    async def renew(self, connection: AsyncConnection, customer_ids: Sequence[str]) -> dict[str, CustomerKey]:
        """A new generation for each of these customers, who are locked; who has no key gets none.

        The older ones stay: who read a value before this commits still needs them.
        """
        known = await self.find(connection, customer_ids)
        await self._make(connection, {customer_id: key.generation + 1 for customer_id, key in known.items()})
        return await self.find(connection, known)

    async def _make(self, connection: AsyncConnection, generations: Mapping[str, int]) -> dict[str, CustomerKey]:
        if not generations:
            return {}
        fresh = {customer_id: new_key() for customer_id in generations}
        wrapped = (await self.wrap({(i, generations[i]): key for i, key in fresh.items()})).values()
        values = {
            "ids": list(fresh),
            "generations": list(generations.values()),
            "versions": [one.version for one in wrapped],
            "wrapped": [one.value for one in wrapped],
        }
        made = set((await connection.execute(_MAKE, values)).scalars())
        keys = {i: self._key(i, {generations[i]: fresh[i]}) for i in made}
        # Another transaction was first with these; it has committed, or the insert would still wait for it.
        return keys | await self.find(connection, generations.keys() - made)

    async def wrap(self, keys: Mapping[Owner, bytes]) -> dict[Owner, Wrapped]:
        """These data keys under the newest key-encryption key, in the same order."""
        items = [Item(self._bound(*owner), key) for owner, key in keys.items()]
        return dict(zip(keys, await self.store.wrap(items) if items else [], strict=True))

    async def unwrap(self, wrapped: Mapping[Owner, bytes]) -> dict[Owner, bytes]:
        """The inverse of `wrap`, under whichever key wrapped each. Raises Altered, KeyUnknown or NotReady."""
        items = [Item(self._bound(*owner), value) for owner, value in wrapped.items()]
        try:
            return dict(zip(wrapped, await self.store.unwrap(items) if items else [], strict=True))
        except NotReady:
            raise
        except CannotDecrypt:
            if len(wrapped) == 1:
                raise Altered("data_keys", "wrapped", ":".join(map(str, *wrapped))) from None
        for owner, value in wrapped.items():  # a batch does not say which of it
            await self.unwrap({owner: value})
        raise CannotDecrypt  # each by itself opens, so it was mended meanwhile

    def _bound(self, customer_id: str, generation: int) -> bytes:
        # The first keys were wrapped before there were generations.
        return bound(self._service, customer_id, *([] if generation == 1 else [str(generation)]))

    def _key(self, customer_id: str, keys: Mapping[int, bytes]) -> CustomerKey:
        return CustomerKey(self._service, customer_id, keys, self._algorithm)
