"""What worked: customers of a playbook as the lot drew them, treated against held out, in all and by kind of customer.

By intention to treat, each person once: what was done or not done afterwards is not asked. So an effect is told of a
playbook, whose steps are planned for every one of its customers, and never of who was reached.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import NamedTuple

from churn_alert.casebook.domain.cells import Arms, Count, Group, groups_of, of_large_months, told_of
from churn_alert.proof.domain.uplift import Design, Uplift, uplift

BY = ("stage", "tier", "segment")


class Work(NamedTuple):
    """What was done after the alerts of a month: so often begun, done or delivered, refused, or not ended."""

    playbook: str
    version: int
    month: date
    arm: str
    kind: str
    action: str
    begun: int
    done: int
    refused: int


class Done(NamedTuple):
    """The same over all months."""

    kind: str
    action: str
    begun: int
    done: int
    refused: int


class Planned(NamedTuple):
    """A step that a playbook plans for everybody it is for."""

    kind: str
    action: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A group of a playbook's customers with its effect; `found` is None where they are too few to tell of."""

    by: str | None
    group: str | None
    found: Uplift | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A version of a playbook: what it plans, none where it is no longer written; all and by group; what was done."""

    playbook: str
    version: int
    steps: tuple[Planned, ...]
    cells: tuple[Cell, ...]
    work: tuple[Done, ...]


def for_charge(counts: Sequence[Count], work: Sequence[Work]) -> tuple[list[Count], list[Work]]:
    """What may be told to who has charge of the customers; see `of_large_months`."""
    kept = of_large_months(counts)
    months = {(one.playbook, one.version, one.month, one.arm) for one in kept}
    return kept, [one for one in work if (one.playbook, one.version, one.month, one.arm) in months]


def evidence(
    counts: Sequence[Count],
    work: Sequence[Work],
    design: Design,
    *,
    least: int,
    held_out_share: Callable[[str, int], float | None],
    planned: Callable[[str, int], tuple[Planned, ...]],
) -> list[Evidence]:
    """By playbook and version. `least`: judged customers, or times begun, below which nothing is told."""
    found: dict[tuple[str, int], list[Count]] = {}
    for one in counts:
        found.setdefault((one.playbook, one.version), []).append(one)
    return [
        Evidence(
            *key,
            planned(*key),
            _cells(groups_of(found[key]), design, least, held_out_share(*key)),
            _done([one for one in work if (one.playbook, one.version) == key], least),
        )
        for key in sorted(found)
    ]


def _cells(groups: Mapping[Group, Arms], design: Design, least: int, held_out_share: float | None) -> tuple[Cell, ...]:
    shown = told_of(groups, least)
    cells = []
    for key in sorted(groups, key=lambda key: (key[0] or "", key[1] or "")):
        arms = groups[key]
        is_told = key in shown
        both = partial(uplift, arms.acted_on, arms.held_out, design, held_out_share=held_out_share, months=arms.months)
        cells.append(Cell(*key, both() if is_told else None))
    return tuple(cells)


def _done(work: Sequence[Work], least: int) -> tuple[Done, ...]:
    times: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
    for one in work:
        times.setdefault((one.kind, one.action), []).append((one.begun, one.done, one.refused))
    found = (Done(*name, *map(sum, zip(*those, strict=True))) for name, those in sorted(times.items()))
    return tuple(one for one in found if one.begun >= least)
