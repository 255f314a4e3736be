"""A core's own list of a day, or of its accounts, against what was told of it."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from customer_profile.adapter.domain.postings import Number


@dataclass(frozen=True, slots=True)
class Findings:
    """Numbers of postings, sorted. `waiting`: received, and parked until their account or their original comes."""

    equal: int
    missing: tuple[Number, ...]
    waiting: tuple[Number, ...]
    different: tuple[Number, ...]
    extra: tuple[Number, ...]

    @property
    def untold(self) -> tuple[Number, ...]:
        """What telling it again mends."""
        return self.missing

    @property
    def is_disputed(self) -> bool:
        """Whether anything is left that telling again does not mend."""
        return bool(self.waiting or self.different or self.extra)

    @property
    def shown(self) -> dict[str, Sequence[str]]:
        """Numbers by kind."""
        kinds = ("missing", "waiting", "different", "extra")
        return {kind: [number.transaction_no for number in getattr(self, kind)] for kind in kinds}


def compare(
    listed: Mapping[Number, bytes], told: Mapping[Number, bytes], of_day: Set[Number], parked: Set[Number]
) -> Findings:
    """`listed`, `told`: content by number. `of_day`: told and dated in the day; `parked`: listed and waiting."""
    absent = listed.keys() - told.keys()
    same = {number for number in listed.keys() & told.keys() if listed[number] == told[number]}
    return Findings(
        equal=len(same),
        missing=tuple(sorted(absent - parked)),
        waiting=tuple(sorted(absent & parked)),
        different=tuple(sorted((listed.keys() & told.keys()) - same)),
        extra=tuple(sorted(of_day - listed.keys())),
    )


class Held(NamedTuple):
    """An account in one customer's name, by tokens."""

    account_id: str
    customer_id: str


class Balance(NamedTuple):
    """What was on an account, and how it stood; `minor`: in minor units of `currency`."""

    as_of: datetime
    minor: int
    currency: str
    status: str


@dataclass(frozen=True, slots=True)
class BalanceFindings:
    """Accounts, sorted. `waiting`: of customers who have no file. `later`: changed since the list was made.

    An account that the core does not list cannot be found: no token says of which core it is.
    """

    equal: int
    missing: tuple[Held, ...]
    waiting: tuple[Held, ...]
    different: tuple[Held, ...]
    later: tuple[Held, ...]

    @property
    def untold(self) -> tuple[Held, ...]:
        """What telling it again mends."""
        return self.missing + self.different

    @property
    def is_disputed(self) -> bool:
        """Whether anything is left that telling again does not mend."""
        return bool(self.waiting)

    @property
    def shown(self) -> dict[str, Sequence[str]]:
        """Account tokens by kind."""
        kinds = ("missing", "waiting", "different", "later")
        return {kind: [held.account_id for held in getattr(self, kind)] for kind in kinds}


def compare_balances(
    listed: Mapping[Held, Balance], told: Mapping[Held, Balance], strangers: Set[str]
) -> BalanceFindings:
    """`told`: the last word on each. `strangers`: customers of listed accounts who have no file.

    What was told later than the list says nothing against it; what is older and another was followed by a word that
    the stream missed.
    """
    absent = {held for held in listed.keys() - told.keys() if held.customer_id not in strangers}
    known = {held: (listed[held], told[held]) for held in listed.keys() & told.keys()}
    other = {held for held, (ours, theirs) in known.items() if ours[1:] != theirs[1:]}
    later = {held for held in other if known[held][1].as_of > known[held][0].as_of}
    return BalanceFindings(
        equal=len(known) - len(other),
        missing=tuple(sorted(absent)),
        waiting=tuple(sorted(listed.keys() - told.keys() - absent)),
        different=tuple(sorted(other - later)),
        later=tuple(sorted(later)),
    )
