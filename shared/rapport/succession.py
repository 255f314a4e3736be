"""Rules that come in versions: what is decided of a moment is decided by the version in force then.

So a history that is handled again, at any speed, is decided as life was, and a version that is announced waits for its
day.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self, TypeVar

S = TypeVar("S", bound="Succeeded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """Rules of one version. `later`: those that follow, each with the moment it begins at, in order. `begins_at`: the
    same of this one where it follows another.

    The first version holds for whatever was before it too: there is no other.
    """

    later: "tuple[tuple[datetime, Self], ...]" = ()
    begins_at: datetime | None = field(default=None, compare=False)

    def at(self, moment: datetime) -> Self:
        """The version in force then."""
        found = self
        for begins, one in self.later:
            if begins > moment:
                break
            found = one
        return found

    def periods(self) -> "Iterator[tuple[datetime | None, datetime | None, Self]]":
        """Each version with the moments from which and before which it is in force; None for no bound."""
        begins: datetime | None = None
        version = self
        for ends, following in self.later:
            yield begins, ends, version
            begins, version = ends, following
        yield begins, None, version

    def next_after(self, moment: datetime) -> datetime | None:
        """When the next version begins; None where none is announced."""
        return next((begins for begins, _ in self.later if begins > moment), None)

    def first(self, since: datetime, asked: "Callable[[Self], datetime | None]") -> datetime | None:
        """The first moment from `since` on that is asked for by the version in force at it.

        `asked`: of one version, the moment from which on it asks; None for never. Once a version begins, what it asks
        for since earlier is of its beginning.
        """
        reached = since
        while True:
            found, ends = asked(self.at(reached)), self.next_after(reached)
            if found is not None and (ends is None or found < ends):
                return max(found, reached)
            if ends is None:
                return None
            reached = ends

    @property
    def newest(self) -> Self:
        """The last version that is written, in force or not."""
        return self.later[-1][1] if self.later else self


def succession(versions: Sequence[tuple[datetime, S]]) -> S:
    """Versions with their beginnings, the earliest first, as one that knows what follows it. There is at least one."""
    (_, first), *later = versions
    return replace(first, later=tuple((begins, replace(one, begins_at=begins)) for begins, one in later))


def joined(moments: Iterable[datetime], made: Callable[[datetime], S]) -> S:
    """What is made of several successions: anew at each moment at which one of them goes on, where that changes it."""
    versions: list[tuple[datetime, S]] = []
    for moment in sorted(set(moments)):
        one = made(moment)
        if not versions or versions[-1][1] != one:
            versions.append((moment, one))
    return succession(versions)
