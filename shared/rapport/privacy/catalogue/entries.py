"""What the catalogue is made of: entries, and how long each is kept of whom."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Words = Annotated[str, StringConstraints(min_length=10, max_length=500)]
EntryCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
Period = Annotated[str, StringConstraints(pattern=r"^P[1-9][0-9]{0,2}[DMY]$")]
"""A duration of ISO 8601."""
Domain = Literal["basic", "account", "transaction", "risk-preference", "derived", "staff", "technical"]
Scene = Literal[
    "account-opening", "business", "due-diligence", "risk-assessment", "product-promotion", "complaint-handling",
    "operations", "own-copy",
]  # fmt: skip
Mask = Literal["none", "name", "document", "phone", "email", "address", "hidden"]
Kind = Literal["identity", "free-text", "other"]
DataClass = Literal["C1", "C2", "C3"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InBoth(_Part):
    """A name in the two languages of the bank."""

    zh: Name
    en: Name


class Retention(_Part):
    """How long, for each class of customer, counted from what `since` says.

    `confirmed`: a compliance officer has said so. Until then the periods are a proposal.
    """

    core: Period
    ordinary: Period
    potential: Period
    since: Name
    reason: Words
    confirmed: bool


class Entry(_Part):
    """One attribute. `names`: the columns and contract fields so called that are it wherever they stand; one with a
    dot (`account-changed.status`) is a field of that contract alone.
    """

    code: EntryCode
    name: InBoth
    domain: Domain
    kind: Kind = "other"
    purpose: Words
    legal_basis: tuple[Annotated[int, Field(ge=1, le=7)], ...] = Field(min_length=1)
    """Items of article 13 PIPL."""
    scenes: tuple[Scene, ...] = Field(min_length=1)
    data_class: DataClass
    """Under JR/T 0171-2020."""
    level: int = Field(ge=1, le=5)
    """Under JR/T 0197-2020, 5 the highest."""
    retention: Name
    mask: Mask
    masked_for: tuple[Name, ...] = ()
    clear_for: tuple[Name, ...] = ()
    """Roles; nobody where both are empty."""
    unmasked_for: tuple[Name, ...] = ()
    """Who of `masked_for` may ask for it in clear, for a purpose that is one of its `scenes`."""
    encrypted: bool = False
    names: tuple[Name, ...] = ()

    @property
    def must_be_encrypted(self) -> bool:
        """Identity and what people write lie encrypted or not at all."""
        return self.encrypted or (self.kind != "other" and self.data_class == "C2")


class Catalogue(_Part):
    """All entries of one version."""

    version: int = Field(ge=1)
    effective: date
    retentions: Mapping[str, Retention]
    entries: tuple[Entry, ...]

    @cached_property
    def by_code(self) -> dict[str, Entry]:
        """The entries by their codes."""
        return {entry.code: entry for entry in self.entries}

    @cached_property
    def by_name(self) -> dict[str, Entry]:
        """The entries by the names that refer to them."""
        return {name: entry for entry in self.entries for name in entry.names}
