"""Who is one person follows from the set of acts alone: any order of the same acts, with any repeats, gives the same.

An act is a word on two files. Of the words on one pair the latest counts, and merges that count make persons.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Kind = Literal["merge", "unmerge"]
Persons = dict[str, tuple[str, ...]]
"""Survivor → all files of the person, sorted, the survivor among them."""


@dataclass(frozen=True, slots=True)
class Act:
    """`survivor` and `merged` are files; `at` is when it was decided, or when the bank's ECIF recorded it."""

    act_id: UUID
    kind: Kind
    survivor: str
    merged: str
    at: datetime

    @property
    def place(self) -> tuple[datetime, UUID]:
        """By which of two acts is the later one."""
        return (self.at, self.act_id)


def latest(acts: Iterable[Act]) -> dict[frozenset[str], Act]:
    """Of the words on each pair the one that counts."""
    return {frozenset((act.survivor, act.merged)): act for act in sorted(acts, key=lambda act: act.place)}


def holding(acts: Iterable[Act]) -> list[Act]:
    """The merges that count, the earliest first."""
    return sorted((act for act in latest(acts).values() if act.kind == "merge"), key=lambda act: act.place)


def persons_by(acts: Iterable[Act], files: Iterable[str]) -> Persons:
    """Who these files are; `acts`: all that name one of them or a file that is one person with it.

    In the order of the merges that count, the person of the one file takes in the person of the other. Who is named and
    is not among these files is gone: a person is known by another file then only as the merges among what is left say.
    """
    left, held = set(files), holding(acts)
    persons: dict[str, set[str]] = {}
    for survivor, found in _joined(held, left.union(*((act.survivor, act.merged) for act in held))).items():
        if survivor in left:
            persons[survivor] = found & left
        else:
            persons |= _joined([act for act in held if {act.survivor, act.merged} <= found & left], found & left)
    return {survivor: tuple(sorted(found)) for survivor, found in persons.items()}


def _joined(held: Iterable[Act], files: Iterable[str]) -> dict[str, set[str]]:
    survivors = {file: file for file in files}
    members = {file: {file} for file in survivors}
    for act in held:
        one, other = survivors[act.survivor], survivors[act.merged]
        if one != other:
            taken = members.pop(other)
            members[one] |= taken
            survivors |= dict.fromkeys(taken, one)
    return members


def built_on(act: Act, acts: Iterable[Act], person: Iterable[str]) -> Act | None:
    """The last merge of the person that a merge made, if it is a later one: that one is undone first."""
    files = set(person)
    last = [one for one in holding(acts) if one.survivor in files][-1]
    return None if last.act_id == act.act_id else last
