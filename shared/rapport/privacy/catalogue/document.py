"""The catalogue as one versioned document, read from JSON: what is held, why, how long, and who may see it.

A document with faults is not used in part: all of them are listed at once, each by the entry it is in.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from rapport.privacy.catalogue.entries import Catalogue, DataClass, Domain, Entry, InBoth, Retention

__all__ = [
    "Catalogue",
    "CatalogueInvalid",
    "DataClass",
    "Domain",
    "Entry",
    "InBoth",
    "Retention",
    "published",
    "read",
    "versions",
]

NEWEST = Path(__file__).parent / "catalogue.json"
EARLIER = NEWEST.parent / "earlier"
"""What was published before, without the names of columns and fields: those are as they are."""


class CatalogueInvalid(Exception):
    """The document cannot be used; `faults` are all there are."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("the data catalogue cannot be used: " + "; ".join(self.faults))


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
def versions() -> Mapping[int, Catalogue]:
    """All that the software was delivered with, by number: what was decided by an older one is shown by that."""
    earlier = map(read, (path.read_text(encoding="utf-8") for path in sorted(EARLIER.iterdir())))
    return {catalogue.version: catalogue for catalogue in (*earlier, published())}


@cache
def published() -> Catalogue:
    """The newest, by which all is checked, kept and shown."""
    return read(NEWEST.read_text(encoding="utf-8"))
