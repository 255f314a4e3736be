"""What a caller is shown of personal data: the one place that decides, by the catalogue's entry, roles and purpose.

A value becomes `Shown` here and nowhere else, so that mypy refuses a view that was given one as it is stored.
"""

from collections.abc import Callable, Collection
from typing import Literal, NewType

from pydantic import BaseModel, Field

from rapport.privacy import masking
from rapport.privacy.catalogue.document import Entry, published

Display = Literal["hidden", "masked", "clear"]
Shown = NewType("Shown", str)
"""As much of a value as its reader may see: the type of each field of an answer that has a mask in the catalogue."""
Mask = Callable[[str], str]

_MASKS: dict[str, Mask] = {
    "name": masking.mask_name,
    "document": masking.mask_document,
    "phone": masking.mask_phone,
    "email": masking.mask_email,
    "address": masking.mask_address,
}


class Hideable(BaseModel):
    """A part of an answer that is empty for who may not see it."""

    is_hidden: bool = Field(default=False, description="The caller's roles do not see this part, whatever it holds")


def display(entry: Entry, roles: Collection[str], purpose: str | None = None) -> Display:
    """How an attribute is shown to these roles: what has a mask in clear only for a purpose that is one of its own."""
    held = set(roles)
    if held & set(entry.clear_for) or (purpose in entry.scenes and held & set(entry.unmasked_for)):
        return "clear"
    return "masked" if held & set(entry.masked_for) else "hidden"


def show(
    attribute: str, value: str, roles: Collection[str], *, purpose: str | None = None, mask: Mask | None = None
) -> Shown:
    """A value of the catalogue's entry `attribute` as these roles see it; what they do not see is `****`.

    `mask`: where the value says more than its entry how it is to be masked. Raises KeyError for an unknown attribute.
    """
    entry = published().by_code[attribute]
    match display(entry, roles, purpose):
        case "clear":
            return Shown(value)
        case "masked":
            hide = mask or _MASKS.get(entry.mask)
            return Shown(hide(value) if hide else masking.HIDDEN)
        case "hidden":
            return Shown(masking.HIDDEN)
