"""What is wrong with a document, and where: every fault is found before any is told."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from rapport.errors import DomainError

T = TypeVar("T")
MOST = 100
"""Faults that are told at most: nobody corrects more at once, and a large document could have a hundred thousand."""


class Fault(NamedTuple):
    """One broken rule. `place`: the path of the field in the document, `("features", 3, "points")`."""

    place: tuple[str | int, ...]
    rule: str

    def within(self, *outer: str | int) -> "Fault":
        """The same, seen from the part of the document that holds this one."""
        return Fault((*outer, *self.place), self.rule)

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.place))}: {self.rule}"


AND_MORE = Fault((), f"has more faults than these {MOST}")


def told(faults: Sequence[T], more: T) -> list[T]:
    """The first ones; `more` where there are others."""
    return [*faults[:MOST], more] if len(faults) > MOST else list(faults)


class FaultsFound(DomainError):
    """Something cannot be done as asked; every reason is listed."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        found = told(faults, AND_MORE)
        super().__init__("; ".join(map(str, found)))
        self.faults = [(".".join(map(str, fault.place)), fault.rule) for fault in found]
