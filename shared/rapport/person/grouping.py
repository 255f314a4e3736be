"""Who is decided with which others: a person whose files were merged is decided on the sum, in the survivor's course.

A file that was merged into another keeps its own state and is decided no more; once separated it goes on from where it
was. What a sum is, and what of a state a decision writes, a service says by a class of its own.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Generic, Protocol, Self, TypeVar


class OfFile(Protocol):
    """What a service knows of one file."""

    customer_id: str


S = TypeVar("S", bound=OfFile)


class Persons(Generic[S]):
    """Of some files those that are not alone. `others`: of a survivor its other files; `merged_into`: of a file that is
    no survivor the one that is."""

    DECIDED: ClassVar[Sequence[str]]
    """What a decision writes: a person's is the survivor's alone."""

    def __init__(
        self, others: Mapping[str, Sequence[S]] | None = None, merged_into: Mapping[str, str] | None = None
    ) -> None:
        self.others = others or {}
        self.merged_into = merged_into or {}

    @classmethod
    def of(cls, groups: Mapping[str, Sequence[str]], states: Mapping[str, S]) -> Self:
        """From survivor → all files of the person; a survivor without a state here is left out."""
        merged_into = {file: survivor for survivor, files in groups.items() for file in files if file != survivor}
        others = {
            survivor: [states[file] for file in files if file != survivor]
            for survivor, files in groups.items()
            if survivor in states and len(files) > 1
        }
        return cls(others, merged_into)

    @abstractmethod
    def added(self, survivor: S, others: Sequence[S]) -> S:
        """A person as one state: what is known of all files, what was decided of the survivor."""

    def sum_of(self, state: S) -> S:
        """A survivor as the person it is; whoever is alone as is."""
        others = self.others.get(state.customer_id)
        return self.added(state, others) if others else state

    def deciding(self, state: S) -> "Deciding[S]":
        """The person to be decided, or who is alone; what was decided is the survivor's afterwards, and nothing else of
        it changes."""
        return Deciding(state, self.sum_of(state), self.DECIDED)


class Deciding(Generic[S]):
    """See `Persons.deciding`. No generator: it is entered some three times an event, and a generator costs three times
    as much."""

    __slots__ = ("_names", "_person", "_state")

    def __init__(self, state: S, person: S, names: Sequence[str]) -> None:
        self._state, self._person, self._names = state, person, names

    def __enter__(self) -> S:
        return self._person

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self._person is not self._state:
            for name in self._names:
                setattr(self._state, name, getattr(self._person, name))
