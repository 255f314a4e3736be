"""What of a file is compared with others: each attribute in one form, so that what is the same is the same text.

Only what is sure is brought to one form. Traditional and simplified characters stay apart, for both stand in papers.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from customer_profile.customer.domain import Facts

Attribute = Literal["full_name", "id_number", "phone", "email", "address", "birth_year", "gender", "region"]
_HEAD, _TAIL = 14, 8
"""Of a resident id: the county and the day of birth, and what is left behind the year (GB 11643)."""
_SHARED: tuple[str, ...] = ("id_number", "phone", "email", "address")


@dataclass(frozen=True, slots=True)
class Comparable:
    """A file as it is compared; None: not known. `id_is_valid`: its check digit and form fit.

    `id_head`, `id_tail`: parts of the number by which one with a slip in the rest is met.
    """

    customer_id: str
    full_name: str
    id_type: str
    id_number: str | None
    id_is_valid: bool
    id_head: str | None
    id_tail: str | None
    phone: str | None
    email: str | None
    address: str | None
    birth_year: int | None
    gender: str | None
    region: str | None


def comparable(
    customer_id: str, facts: Facts, identity: Mapping[str, str | None], *, id_is_valid: bool
) -> Comparable | None:
    """A natural person's file; None for what is none, since a company is known by its credit code alone.

    `identity`: in clear and in its normal form (`validity.checked`).
    """
    name, number = identity["full_name"], identity["id_number"]
    if facts.type != "personal" or name is None or number is None:
        return None
    email, address = identity["email"], identity["address"]
    return Comparable(
        customer_id=customer_id,
        full_name=normal_name(name),
        id_type=identity["id_type"] or "",
        id_number=number,
        id_is_valid=id_is_valid,
        id_head=number[:_HEAD] if len(number) > _HEAD else None,
        id_tail=number[-_TAIL:] if len(number) > _TAIL else None,
        phone=identity["phone"],
        email=email.casefold() if email else None,
        address=_letters(address) or None if address else None,
        birth_year=facts.birth_year,
        gender=None if facts.gender == "unknown" else facts.gender,
        region=facts.region,
    )


def normal_name(name: str) -> str:
    """Letters alone, in one width and case; words in Latin letters in order of the alphabet: `San ZHANG` is `san zhang`
    as `Zhang San` is.
    """
    words = unicodedata.normalize("NFKC", name).casefold().split()
    if len(words) > 1 and all(word.isascii() for word in words):
        return " ".join(sorted(filter(None, map(_letters, words))))
    return _letters(name)


def _letters(text: str) -> str:
    """Letters and digits alone, in one width (NFKC) and case."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())


def without_crowds(files: Sequence[Comparable], crowd: int) -> list[Comparable]:
    """The same files; what stands in more than `crowd` of them is nobody's own and counts as not known.

    A switchboard, a branch's address or `000000` would otherwise make a pair of each two of its files.
    """
    crowded = {name: _crowded((getattr(file, name) for file in files), crowd) for name in _SHARED}
    return [_without(file, crowded) for file in files]


def _crowded(values: Iterable[str | None], crowd: int) -> frozenset[str]:
    return frozenset(value for value, times in Counter(values).items() if value is not None and times > crowd)


def _without(file: Comparable, crowded: Mapping[str, frozenset[str]]) -> Comparable:
    gone: dict[str, None] = {name: None for name, values in crowded.items() if getattr(file, name) in values}
    if "id_number" in gone:
        gone |= {"id_head": None, "id_tail": None}
    return replace(file, **gone) if gone else file  # type: ignore[arg-type]  # each of these may be None
