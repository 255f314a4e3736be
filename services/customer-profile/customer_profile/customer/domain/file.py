"""A customer's file and how it changes: pure rules, the same result for any order of the same records.

The core's records replace the file, the latest one counting; a correction by staff holds field by field until the core
records something later. Of identity the rules see ciphertext only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, NamedTuple
from uuid import UUID

from customer_profile.customer.domain.ages import AgeBand, age_band_of, next_age_band_at
from customer_profile.customer.domain.refusals import IdentityIncomplete
from customer_profile.customer.domain.relationship import Relationship, Status, relationship_of
from customer_profile.customer.domain.validity import Rule

Type = Literal["personal", "corporate", "institution"]
Gender = Literal["female", "male", "unknown"]
CustomerClass = Literal["core", "ordinary", "potential"]
IDENTITY = ("full_name", "id_type", "id_number", "phone", "email", "address")
INDEXED = ("id_number", "phone")
SEALED = (*IDENTITY, *(f"{field}_index" for field in INDEXED))
Sealed = Mapping[str, bytes | None]
"""The identity's fields, each encrypted or absent, and beside those that are INDEXED by what they are found."""
NO_IDENTITY: Sealed = dict.fromkeys(SEALED)
Faults = Mapping[str, Rule]
"""Fields of the identity that the core told wrongly, and the rule each breaks."""
NO_FAULTS: Faults = {}


class Stamp(NamedTuple):
    """When the core recorded a file, and the event's id to tell two records of one moment apart."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Facts:
    """What may be known of a customer without knowing who it is."""

    type: Type
    unit: str
    region: str | None
    relationship_manager: str | None
    birth_year: int | None
    gender: Gender
    status: Status
    customer_since: date
    refuses_automated_decisions: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A customer as known now. `corrected`: fields that staff set, and when, so that older records do not undo it.

    `as_of`: when the facts that others are told last changed. `due_at`: when the age band next does, by time alone.
    `revision` grows with every change of anything here.
    """

    customer_id: str
    facts: Facts
    identity: Sealed
    faults: Faults
    recorded: Stamp
    corrected: Mapping[str, datetime]
    open_accounts: int
    customer_class: CustomerClass
    age_band: AgeBand
    as_of: datetime
    due_at: datetime | None
    revision: int
    is_admitted: bool = True
    is_restricted: bool = False
    archived_at: datetime | None = None
    """Since when the law alone keeps it. It ends as soon as the relationship begins again."""

    @property
    def relationship(self) -> Relationship:
        """Where the relationship stands, by the core's word and by what people did."""
        return relationship_of(self.facts.status, is_admitted=self.is_admitted, is_restricted=self.is_restricted)


def class_of(facts: Facts, open_accounts: int) -> CustomerClass:
    """By facts alone: who has no open account is potential, who has a relationship manager of its own is core."""
    if open_accounts == 0:
        return "potential"
    return "core" if facts.relationship_manager is not None else "ordinary"


def is_later(file: File | None, stamp: Stamp) -> bool:
    """Does a record of this stamp say anything that the file does not know better?"""
    return file is None or stamp > file.recorded


def opened(
    customer_id: str, facts: Facts, identity: Sealed, stamp: Stamp, *, at: datetime, faults: Faults = NO_FAULTS
) -> File:
    """A new customer's file. `at` is the clock's reading. Whom the core tells of is admitted."""
    return File(
        customer_id=customer_id,
        facts=facts,
        identity=identity,
        faults=faults,
        recorded=stamp,
        corrected={},
        open_accounts=0,
        customer_class=class_of(facts, 0),
        age_band=age_band_of(facts.birth_year, at),
        as_of=at,
        due_at=next_age_band_at(facts.birth_year, at),
        revision=1,
    )


def recorded(
    file: File, facts: Facts, identity: Sealed, stamp: Stamp, *, at: datetime, faults: Faults = NO_FAULTS
) -> File:
    """The file after a later record of the core; what staff corrected after it stays, and a refusal whenever given."""
    held = {field: moment for field, moment in file.corrected.items() if moment >= stamp.at}
    kept = {*held, "refuses_automated_decisions"} - {*IDENTITY}  # of a refusal no record of the core says anything
    facts = replace(facts, **{f: getattr(file.facts, f) for f in kept})
    identity = {**identity, **{f: file.identity[f] for f in SEALED if f.removesuffix("_index") in held}}
    faults = {f: rule for f, rule in faults.items() if f not in held} | {
        f: r for f, r in file.faults.items() if f in held
    }
    changed = replace(file, facts=facts, identity=identity, faults=faults, recorded=stamp, corrected=held)
    return settled(file, replace(changed, is_admitted=True), at)


def corrected(
    file: File, facts: Mapping[str, object], identity: Sealed, *, at: datetime, faults: Faults = NO_FAULTS
) -> File:
    """The file after staff set these fields, and only these; `faults`: of the identity as it is then.

    Raises IdentityIncomplete.
    """
    whole = {**file.identity, **identity}
    required = [whole[field] is not None for field in ("full_name", "id_type", "id_number")]
    if any(value is not None for value in whole.values()) and not all(required):
        raise IdentityIncomplete("an identity has full_name, id_type and id_number")
    # A core whose clock is ahead of ours must not look later than what staff saw and corrected.
    moments = dict.fromkeys([*facts, *(f for f in identity if f in IDENTITY)], max(at, file.recorded.at))
    new_facts = replace(file.facts, **facts)  # type: ignore[arg-type]  # names and types are the request model's
    changed = replace(file, facts=new_facts, identity=whole, faults=faults, corrected={**file.corrected, **moments})
    return settled(file, changed, at)


def with_accounts(file: File, change: int, *, at: datetime) -> File:
    """The file after the number of open accounts changed."""
    return settled(file, replace(file, open_accounts=file.open_accounts + change), at) if change else file


def aged(file: File) -> File:
    """The file after its `due_at` came."""
    assert file.due_at is not None
    return settled(file, file, file.due_at)


def told(file: File) -> tuple[object, ...]:
    """What the other services are told of a file, to see whether it changed."""
    facts = file.facts
    kept = (facts.type, facts.unit, facts.region, facts.relationship_manager, facts.gender, facts.status)
    return (*kept, facts.refuses_automated_decisions, file.customer_class, file.age_band, file.relationship)


def settled(before: File, changed: File, at: datetime) -> File:
    """The changed file with what follows from it, one revision later. While it is archived nothing falls due."""
    archived_at = changed.archived_at if changed.relationship == "exited" else None
    after = replace(
        changed,
        customer_class=class_of(changed.facts, changed.open_accounts),
        age_band=age_band_of(changed.facts.birth_year, at),
        due_at=next_age_band_at(changed.facts.birth_year, at) if archived_at is None else None,
        revision=before.revision + 1,
        archived_at=archived_at,
    )
    return after if told(after) == told(before) else replace(after, as_of=at)
