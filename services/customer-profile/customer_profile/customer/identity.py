"""Identity between its forms: ciphertext at rest, masked on a screen, in clear only for the moment between.

Each field is encrypted on its own under the customer's key and bound to its place: moved to another customer or column
it no longer opens.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from customer_profile.customer.domain import IDENTITY, INDEXED, Sealed
from customer_profile.customer.store import profiles
from rapport.privacy.blind_index import BlindIndex
from rapport.privacy.catalogue.document import published
from rapport.privacy.keyring import CustomerKey, Keyring
from rapport.privacy.masking import mask_resident_id
from rapport.privacy.showing import Shown, show

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
    """As much of an identity as its reader may see: enough to recognise a customer, not to find one."""

    full_name: Shown
    id_type: Shown
    id_number: Shown
    phone: Shown | None
    email: Shown | None
    address: Shown | None


def masked(
    identity: Sealed, key: CustomerKey | None, roles: Collection[str], *, purpose: str | None = None
) -> MaskedIdentity | None:
    """The identity as these roles see it, for a purpose if they say one; None where there is none to be read."""
    plain = opened(identity, key)
    if plain is None:
        return None
    shown = {
        f: None if v is None else shown_field(f, v, plain["id_type"], roles, purpose=purpose) for f, v in plain.items()
    }
    return MaskedIdentity(**shown)  # type: ignore[arg-type]  # a whole identity has what must be there


def shown_field(
    field: str, value: str, id_type: str | None, roles: Collection[str], *, purpose: str | None = None
) -> Shown:
    """One field as these roles see it; a paper's number by its kind, as a document where that is not known."""
    is_resident_id = field == "id_number" and id_type == "resident-id"
    mask = mask_resident_id if is_resident_id else None
    return show(published().by_name[field].code, value, roles, purpose=purpose, mask=mask)
