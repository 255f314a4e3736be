"""A bank's files of which some are of one person: the same life recorded twice, by other hands and in other years.

Families share an address and often a phone; namesakes are there by chance, as names are drawn from few.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from customer_profile.customer.domain import Facts, checked
from customer_profile.duplicate.domain.comparing import Comparable, comparable
from simulator.bank.people import make_person
from simulator.bank.shelf import REGIONS

TODAY = date(2026, 6, 30)
TWIN_SHARE = 0.03
_IN_FAMILIES, _PHONE_IN_FAMILY = 0.2, 0.4
_SOUNDS_ALIKE = dict(zip("伟静丽敏杰勇涛明芳霞娟刚", "玮婧莉敏洁永滔铭方侠涓钢", strict=True))

Identity = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Person:
    """One person as one file has them: identity in clear, as somebody typed it."""

    identity: Identity
    facts: Facts


@dataclass(frozen=True, slots=True)
class Book:
    """`persons`: by file. `truth`: the pairs of files that are of one person, the lower token first."""

    persons: Mapping[str, Person]
    truth: frozenset[tuple[str, str]]

    def files(self) -> list[Comparable]:
        """As the job has them."""
        return [file for customer_id, person in self.persons.items() if (file := _file(customer_id, person))]


def make_book(seed: int, files: int, twin_share: float = TWIN_SHARE) -> Book:
    """A book of so many files, that share of them second files of somebody who is there already."""
    rng = Random(f"book {seed}")
    twins = round(files * twin_share)
    people = list(_people(rng, files - twins))
    persons = {f"f-{rng.getrandbits(64):016x}": person for person in people}
    truth = set()
    for first in rng.sample(sorted(persons), twins):
        second = f"f-{rng.getrandbits(64):016x}"
        persons[second] = second_file(persons[first], rng)
        truth.add((min(first, second), max(first, second)))
    shuffled = rng.sample(sorted(persons), len(persons))
    return Book({one: persons[one] for one in shuffled}, frozenset(truth))


def _people(rng: Random, count: int) -> Iterator[Person]:
    before: Person | None = None
    for _ in range(count):
        drawn = make_person(rng, (18, 80), TODAY)
        facts = Facts("personal", "B0001", rng.choice(REGIONS), None, drawn.born.year, drawn.gender, "active", TODAY)
        person = Person(dict(drawn.identity.model_dump()), facts)
        if before is not None and rng.random() < _IN_FAMILIES:
            person = _relative(person, before, rng)
        yield person
        before = person


def _relative(person: Person, of: Person, rng: Random) -> Person:
    """Lives with the other one, is mostly of one name, and often reached by one phone."""
    shared: Identity = {"address": of.identity["address"]}
    if rng.random() < _PHONE_IN_FAMILY:
        shared["phone"] = of.identity["phone"]
    if rng.random() < 0.6:
        shared["full_name"] = (of.identity["full_name"] or "")[0] + (person.identity["full_name"] or "")[1:]
    return Person(person.identity | shared, replace(person.facts, region=of.facts.region))


def second_file(person: Person, rng: Random) -> Person:
    """The same person recorded once more: another paper or a slip in it, a new phone, moved, renamed, less said."""
    one = person.identity
    changed: Identity = {
        "full_name": _again(rng, one["full_name"] or "", (0.05, _misheard), (0.03, _renamed), (0.05, _spaced)),
        "phone": _again(rng, one["phone"], (0.30, _another_phone), (0.06, slip), (0.06, _nothing)),
        "email": _again(rng, one["email"], (0.3, _nothing), (0.2, _another_mailbox)),
        "address": _again(rng, one["address"], (0.45, _moved), (0.15, _spaced), (0.06, slip), (0.05, _nothing)),
    }
    if rng.random() < 0.35:
        changed |= {"id_type": "passport", "id_number": f"E{rng.randrange(10**8):08d}"}
    else:
        changed["id_number"] = _again(rng, one["id_number"], (0.2, slip), (0.1, transposed))
    facts = person.facts
    year = facts.birth_year
    if year is not None and (drawn := rng.random()) < 0.04:
        year = None if drawn < 0.02 else year + rng.choice((-1, 1))
    gender = "unknown" if rng.random() < 0.05 else facts.gender
    region = facts.region if rng.random() < 0.7 else rng.choice(REGIONS)
    return Person(one | changed, replace(facts, birth_year=year, gender=gender, region=region))


def _again(rng: Random, value: str | None, *ways: tuple[float, object]) -> str | None:
    """The value, or with these probabilities what one of these makes of it."""
    drawn = rng.random()
    for share, way in ways:
        drawn -= share
        if drawn < 0 and value is not None:
            return way(value, rng)  # type: ignore[no-any-return, operator]
    return value


def slip(value: str, rng: Random) -> str:
    """One digit another."""
    at = rng.choice([place for place, letter in enumerate(value) if letter.isdigit()])
    other = rng.choice([digit for digit in "0123456789" if digit != value[at]])
    return value[:at] + other + value[at + 1 :]


def transposed(value: str, rng: Random) -> str:
    """Two neighbours that differ have changed places."""
    at = rng.choice([place for place in range(len(value) - 1) if value[place] != value[place + 1]])
    return value[:at] + value[at + 1] + value[at] + value[at + 2 :]


def _misheard(name: str, rng: Random) -> str:
    if heard := [place for place, letter in enumerate(name) if letter in _SOUNDS_ALIKE]:
        at = rng.choice(heard)
        return name[:at] + _SOUNDS_ALIKE[name[at]] + name[at + 1 :]
    return name[:-1] + rng.choice("宏晓颖梓昊")


def _renamed(name: str, rng: Random) -> str:
    return rng.choice("王李张刘陈") + name[1:]


def _spaced(text: str, rng: Random) -> str:
    at = rng.randrange(1, len(text))
    return f"{text[:at]}　{text[at:]}"


def _another_phone(_: str, rng: Random) -> str:
    return f"145{rng.randrange(10**8):08d}"


def _another_mailbox(_: str, rng: Random) -> str:
    return f"v{rng.getrandbits(32):08x}@example.com"


def _moved(_: str, rng: Random) -> str:
    return make_person(rng, (18, 80), TODAY).identity.address or ""


def _nothing(_: str, __: Random) -> None:
    return None


def _file(customer_id: str, person: Person) -> Comparable | None:
    told = checked(person.identity)
    return comparable(customer_id, person.facts, told.identity, id_is_valid="id_number" not in told.faults)
