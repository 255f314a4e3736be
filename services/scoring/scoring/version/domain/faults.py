"""What is wrong with a document, and where: every fault is found before any is told."""

from collections.abc import Sequence
from typing import NamedTuple

from rapport.errors import DomainError


class Fault(NamedTuple):
    """One broken rule. `place`: the path of the field in the document, `("features", 3, "points")`."""

    place: tuple[str | int, ...]
    rule: str

    def within(self, *outer: str | int) -> "Fault":
        """The same, seen from the part of the document that holds this one."""
        return Fault((*outer, *self.place), self.rule)

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.place))}: {self.rule}"


class FaultsFound(DomainError):
    """Something cannot be done as asked; every reason is listed."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = [(".".join(map(str, fault.place)), fault.rule) for fault in faults]
