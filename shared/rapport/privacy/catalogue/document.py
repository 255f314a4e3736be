"""The catalogue as one versioned document, read from JSON: what is held, why, how long, and who may see it.

A document with faults is not used in part: all of them are listed at once, each by the entry it is in.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

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
PUBLISHED = Path(__file__).parent / "catalogue.json"


class CatalogueInvalid(Exception):
    """The document cannot be used; `faults` are all there are."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("the data catalogue cannot be used: " + "; ".join(self.faults))


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


_ENTRY, _RETENTION = TypeAdapter(Entry), TypeAdapter(Retention)


def read(content: str) -> Catalogue:
    """The catalogue in a document. Raises CatalogueInvalid with every fault."""
    try:
        document = json.loads(content)
    except ValueError as error:
        raise CatalogueInvalid([f"not JSON: {error}"]) from None
    if not isinstance(document, dict):
        raise CatalogueInvalid(["not an object"])
    retentions, faults = _checked(_RETENTION, "retention", (document.get("retentions") or {}).items())
    listed = [
        (part.get("code") or f"number {n}", part) for n, part in enumerate(document.get("entries") or [], start=1)
    ]
    entries, more = _checked(_ENTRY, "entry", listed)
    by_name = dict(retentions)
    sound = tuple(entry for _, entry in entries)
    faults += more + _faults_between(sound, by_name)
    head: dict[str, Any] = {name: document.get(name) for name in ("version", "effective")}
    head |= {"retentions": {}, "entries": ()}
    extra = {name: value for name, value in document.items() if name not in head}
    try:
        checked = Catalogue.model_validate(head | extra)
    except ValidationError as invalid:
        faults = _told(invalid, "document") + faults
    if faults:
        raise CatalogueInvalid(faults)
    return checked.model_copy(update={"retentions": by_name, "entries": sound})


def _checked(
    form: TypeAdapter[Any], noun: str, parts: Iterable[tuple[str, Any]]
) -> tuple[list[tuple[str, Any]], list[str]]:
    """Those without a fault, by name, and the faults of the others."""
    sound: list[tuple[str, Any]] = []
    faults: list[str] = []
    for name, part in parts:
        try:
            # As JSON: a list is a tuple there.
            sound.append((name, form.validate_json(json.dumps(part))))
        except ValidationError as invalid:
            faults += _told(invalid, f"{noun} {name}")
    return sound, faults


def _told(invalid: ValidationError, where: str) -> list[str]:
    return [f"{where}: {'.'.join(map(str, error['loc'])) or 'document'}: {error['msg']}" for error in invalid.errors()]


def _faults_between(entries: tuple[Entry, ...], retentions: Mapping[str, Retention]) -> list[str]:
    """What no entry shows alone."""
    repeated = [f"entry {code}: is there {n} times" for code, n in Counter(e.code for e in entries).items() if n > 1]
    names = Counter(name for entry in entries for name in entry.names)
    repeated += [f"name {name}: refers to {n} entries" for name, n in names.items() if n > 1]
    unused = set(retentions) - {entry.retention for entry in entries}
    return [
        *repeated,
        *(f"retention {name}: no entry has it" for name in sorted(unused)),
        *(fault for entry in entries for fault in _faults_of(entry, retentions)),
    ]


def _faults_of(entry: Entry, retentions: Mapping[str, Retention]) -> Iterable[str]:
    if entry.retention not in retentions:
        yield f"entry {entry.code}: retention {entry.retention} is not in the document"
    if entry.data_class == "C3":
        yield f"entry {entry.code}: C3 is never kept, so it has no entry"
    if entry.must_be_encrypted and not entry.encrypted:
        yield f"entry {entry.code}: {entry.kind} of class C2 says `encrypted: true`"
    if entry.kind != "other" and entry.mask == "none":
        yield f"entry {entry.code}: {entry.kind} has a mask"
    if blind := sorted(set(entry.unmasked_for) - set(entry.masked_for)):
        yield f"entry {entry.code}: {', '.join(blind)} unmasks what is shown masked, or nothing"
    if both := sorted(set(entry.masked_for) & set(entry.clear_for)):
        yield f"entry {entry.code}: {', '.join(both)} sees it masked or in clear, not both"


@cache
def published() -> Catalogue:
    """The catalogue this version of the software was delivered with."""
    return read(PUBLISHED.read_text(encoding="utf-8"))
