"""Kinds of customers in the arms that the lot drew, and which of them may be told of: see `proof.domain.disclosure`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from churn_alert.proof.domain.disclosure import told, whole_months
from churn_alert.proof.domain.uplift import Arm

LOT = ("treated", "held-out")
_NONE = Arm(0, 0, 0)
Group = tuple[str | None, str | None]
"""By what, and which; twice None: all of a playbook."""


class Count(NamedTuple):
    """Customers of one month, arm and group; `by` is None for all of the playbook. `stayed`: of the `judged`.

    `arm`: `none` where no lot was drawn.
    """

    playbook: str
    version: int
    month: date
    by: str | None
    group: str | None
    arm: str
    drawn: int
    judged: int
    stayed: int


class Arms(NamedTuple):
    """Customers of a group by what the lot drew; `without`: of whom none was drawn. `months`: treated and held out of
    each.
    """

    treated: Arm
    held_out: Arm
    without: Arm
    months: tuple[tuple[Arm, Arm], ...] = ()

    @property
    def acted_on(self) -> Arm:
        """Who was not held out: of whom a lot was drawn those alone, for the others are not alike."""
        return self.treated if _has_lot(self) else self.without

    @property
    def judged(self) -> int:
        """Of all of them."""
        return self.treated.judged + self.held_out.judged + self.without.judged


def groups_of(counts: Iterable[Count]) -> dict[Group, Arms]:
    """The counts of one playbook added up over the months."""
    found: dict[Group, dict[str, dict[date, Arm]]] = {}
    for one in counts:
        arms = found.setdefault((one.by, one.group), {arm: {} for arm in (*LOT, "none")})
        arms[one.arm][one.month] = Arm(one.drawn, one.judged, one.stayed)
    return {key: _added(arms) for key, arms in found.items()}


def _added(arms: Mapping[str, Mapping[date, Arm]]) -> Arms:
    treated, held_out = (arms[arm] for arm in LOT)
    both = tuple((treated[month], held_out[month]) for month in treated.keys() & held_out.keys())
    of_treated, of_held_out, without = (_sum(list(arms[arm].values())) for arm in (*LOT, "none"))
    return Arms(of_treated, of_held_out, without, both)


def told_of(groups: Mapping[Group, Arms], least: int) -> frozenset[Group]:
    """Groups with enough customers in each arm of their lot and at least so many judged, and none that tells of another
    as what is left of the whole.
    """
    lots = {key: min(arms.treated.drawn, arms.held_out.drawn) for key, arms in groups.items() if _has_lot(arms)}
    judged = _told({key: arms.judged for key, arms in groups.items()}, least)
    return judged - (lots.keys() - _told(lots))


def of_large_months(counts: Iterable[Count]) -> list[Count]:
    """What who has charge of the customers may be told: of a playbook the months with enough customers in each arm.

    No groups: two periods differ by a month, and few of one kind are warned of in a month of one team. Of whom no lot
    was drawn all months count.
    """
    wholes = [one for one in counts if one.by is None]
    arms: dict[tuple[str, int], dict[date, dict[str, int]]] = {}
    for one in wholes:
        arms.setdefault((one.playbook, one.version), {}).setdefault(one.month, {})[one.arm] = one.drawn
    months = {key: whole_months(of) for key, of in arms.items()}
    return [one for one in wholes if one.arm == "none" or one.month in months[one.playbook, one.version]]


def _has_lot(arms: Arms) -> bool:
    return arms.treated.drawn + arms.held_out.drawn > 0


def _told(sizes: Mapping[Group, int], *least: int) -> frozenset[Group]:
    divisions: dict[str | None, dict[str, int]] = {}
    for (by, group), customers in sizes.items():
        divisions.setdefault(by, {})[group or ""] = customers
    shown = {by: told(cells, *least) for by, cells in divisions.items()}
    return frozenset((by, group) for by, group in sizes if (group or "") in shown[by])


def _sum(arms: Sequence[Arm]) -> Arm:
    return Arm(*map(sum, zip(*arms, strict=True))) if arms else _NONE
