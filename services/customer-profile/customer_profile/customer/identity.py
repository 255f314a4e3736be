"""Identity between its forms: ciphertext at rest, masked on a screen, in clear only for the moment between.

Each field is encrypted on its own under the customer's key and bound to its place: moved to another customer or column
it no longer opens.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from customer_profile.customer.domain import IDENTITY, INDEXED, Sealed
from customer_profile.customer.store import profiles
from rapport.privacy import masking
from rapport.privacy.blind_index import BlindIndex
from rapport.privacy.keyring import CustomerKey, Keyring

Plain = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Locks:
    """What identity is locked away with: each customer's key, and the key by which equal numbers find each other."""

    keyring: Keyring
    index: BlindIndex

    def sealed(self, plain: Plain, key: CustomerKey) -> dict[str, bytes | None]:
        """These fields encrypted, and beside numbers their index; an absent one stays absent."""
        fields = {f: None if v is None else key.encrypt(profiles.name, f, v) for f, v in plain.items()}
        return {**fields, **self.indexes(plain)}

    def indexes(self, plain: Plain) -> dict[str, bytes | None]:
        """By what these numbers are found."""
        found = {field: plain[field] for field in INDEXED if field in plain}
        return {f"{f}_index": None if v is None else self.index.of(f, v) for f, v in found.items()}


def opened(identity: Sealed, key: CustomerKey | None) -> dict[str, str | None] | None:
    """The identity in clear; None where there is none, and where its key has been destroyed.

    Raises CannotDecrypt for a value that was altered or moved.
    """
    if key is None or identity["full_name"] is None:
        return None
    found = {field: identity[field] for field in IDENTITY}
    return {f: None if value is None else key.decrypt(profiles.name, f, value) for f, value in found.items()}


@dataclass(frozen=True, slots=True)
class MaskedIdentity:
    """As much of an identity as may be on a screen: enough to recognise a customer, not to find one."""

    full_name: str
    id_type: str
    id_number: str
    phone: str | None
    email: str | None
    address: str | None


def masked(identity: Sealed, key: CustomerKey | None) -> MaskedIdentity | None:
    """The identity masked, each field by its own rule; None where there is none to be read."""
    plain = opened(identity, key)
    if plain is None:
        return None
    number, id_type = plain["id_number"] or "", plain["id_type"] or ""
    return MaskedIdentity(
        full_name=masking.mask_name(plain["full_name"] or ""),
        id_type=id_type,
        id_number=masking.mask_resident_id(number) if id_type == "resident-id" else masking.mask_document(number),
        phone=masking.mask_phone(plain["phone"]) if plain["phone"] else None,
        email=masking.mask_email(plain["email"]) if plain["email"] else None,
        address=masking.mask_address(plain["address"]) if plain["address"] else None,
    )
