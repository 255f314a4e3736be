"""Documents of rules as people write and review them: JSON files that are read whole, each fault with file and field.

A document with a day of its own comes in versions, one a file. Those of the bank stand instead of the published ones:
a file, or a folder with every version that was ever in force and those that are to come.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rapport.errors import DomainError
from rapport.events.base import Day
from rapport.settings import SettingsInvalid
from rapport.succession import Succeeded, succession

D = TypeVar("D", bound=BaseModel)
V = TypeVar("V", bound="VersionDocument")
W = TypeVar("W", bound="_Version")
S = TypeVar("S", bound=Succeeded)


STANDS_TWICE = "stands twice in one object: keep one of them"


class DocumentInvalid(SettingsInvalid):
    """A document cannot be read or breaks rules; nothing starts on it. The text names file and fields."""


class Part(BaseModel):
    """Any part of a document: nothing in it that no rule knows, and every number is one."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_max_length=4000)


class VersionDocument(Part):
    """One version of a document, by a person, for a reason, from a day on."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    version: int = Field(ge=1, le=2**31 - 1, examples=[1])
    author: str = Field(min_length=1, max_length=120)
    reason: str = Field(min_length=1, max_length=1000)
    effective_from: Day = Field(
        description="It decides what is of this day, by the bank's calendar, or later; the version before it what is"
        " earlier, and the first version all that was before it"
    )


class _Version(Protocol):
    """One version of a document, whatever else it is."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def effective_from(self) -> date: ...


def in_words(invalid: ValidationError) -> str:
    """Every fault with the path of its field, in one line; no value of it."""
    faults = invalid.errors(include_url=False, include_input=False)
    return "; ".join(": ".join(filter(None, (".".join(map(str, one["loc"])), one["msg"]))) for one in faults)


def read_document(
    path: Path,
    form: type[D],
    *,
    noun: str,
    check: Callable[[D], object] | None = None,
    context: Mapping[str, Any] | None = None,
) -> D:
    """The document of a file. `noun`: what it is, such as `risk model`. `check` raises DomainError for rules that the
    form does not know; `context`: what the form is checked against.

    Values are taken as they are written: no number from a text or from `true`, no day from a number.

    Raises DocumentInvalid: `<noun> <file>: <field>: <what is wrong>`, every fault in one line.
    """
    try:
        written = path.read_bytes()
        document = form.model_validate_json(written, strict=True, context=dict(context or {}))
        if twice := said_twice(written):
            raise DomainError("; ".join(f"{name}: {STANDS_TWICE}" for name in twice))
        if check is not None:
            check(document)
    except OSError as fault:
        raise DocumentInvalid(f"{noun} {path.name}: cannot be read: {fault.strerror}") from None
    except ValidationError as fault:
        raise DocumentInvalid(f"{noun} {path.name}: {in_words(fault)}") from None
    except DomainError as fault:
        raise DocumentInvalid(f"{noun} {path.name}: {fault}") from fault
    return document


def read_versions(
    own: Path | None,
    form: type[W],
    *,
    noun: str,
    published: Sequence[Path],
    today: date,
    check: Callable[[W], object] | None = None,
    only: Callable[[W], bool] | None = None,
) -> tuple[W, ...]:
    """Every version, the earliest first: the bank's `own`, a file or a folder of them, or else those `published`.
    `only`: which of them count; else all, and there is at least one.

    Raises DocumentInvalid, also where a later version does not begin later, where two have one number or they are not
    of one name, and where nothing of the bank's own is in force by `today`.
    """
    files = _files(own, noun) if own is not None else list(published)
    of_any: type[Any] = form
    every = ((read_document(path, of_any, noun=noun, check=check), path) for path in files)
    read: list[tuple[W, Path]] = sorted(
        (one for one in every if only is None or only(one[0])), key=lambda one: one[0].version
    )
    for (earlier, _), (later, path) in pairwise(read):
        place = f"{noun} {path.name}"
        if later.name != earlier.name:
            raise DocumentInvalid(f"{place}: name: is {later.name}, the version before is {earlier.name}: use one name")
        if later.version == earlier.version:
            raise DocumentInvalid(f"{place}: version: {later.version} is there twice: give each its own number")
        if later.effective_from <= earlier.effective_from:
            raise DocumentInvalid(
                f"{place}: effective_from: {later.effective_from} is not after {earlier.effective_from} of version"
                f" {earlier.version}: a later version begins later"
            )
    if own is not None and read and read[0][0].effective_from > today:
        first, path = read[0]
        raise DocumentInvalid(
            f"{noun} {path.name}: effective_from: {first.effective_from} is still to come: keep the version before it"
            " in one folder with it, and name the folder"
        )
    return tuple(document for document, _ in read)


def said_twice(written: bytes) -> list[str]:
    """Fields that an object has more than once: JSON lets the last one count, whoever reads it sees the first."""
    found: dict[str, None] = {}

    def noted(fields: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in fields]
        found.update(dict.fromkeys(name for name in names if names.count(name) > 1))

    json.loads(written, object_pairs_hook=noted)
    return list(found)


def in_succession(documents: Sequence[V], zone: tzinfo, taken: Callable[[V], S]) -> S:
    """Versions as the rules take them, each from the midnight of its day by the calendar of `zone`."""
    return succession([(midnight(one.effective_from, zone), taken(one)) for one in documents])


def in_force(documents: Sequence[V], day: date) -> V:
    """The version of that day."""
    return next((one for one in reversed(documents) if one.effective_from <= day), documents[0])


def midnight(day: date, zone: tzinfo) -> datetime:
    """When a day begins by the calendar of `zone`."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _files(own: Path, noun: str) -> list[Path]:
    if not own.is_dir():
        return [own]
    if not (found := sorted(own.glob("*.json"))):
        raise DocumentInvalid(f"{noun} {own.name}: the folder has no *.json: put each version there, one a file")
    return found
