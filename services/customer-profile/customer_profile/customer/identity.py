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


_MASKS = {
    "full_name": masking.mask_name,
    "id_number": masking.mask_document,
    "phone": masking.mask_phone,
    "email": masking.mask_email,
    "address": masking.mask_address,
}


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
    shown = {field: masked_field(field, value, plain["id_type"]) for field, value in plain.items()}
    return MaskedIdentity(**shown)  # type: ignore[arg-type]  # a whole identity has what must be there


def masked_field(field: str, value: str | None, id_type: str | None) -> str | None:
    """One field masked; a paper's number by its kind, as a document where that is not known."""
    if value is None or field == "id_type":
        return value
    if field == "id_number" and id_type == "resident-id":
        return masking.mask_resident_id(value)
    return _MASKS[field](value)
