"""What worked: customers of a playbook as the lot drew them, treated against held out, in all and by kind of customer.

By intention to treat, each customer once: what was done or not done afterwards is not asked. So an effect is told of a
playbook, whose steps are planned for every one of its customers, and never of who was reached.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from churn_alert.proof.domain.uplift import Arm, Design, Uplift, uplift

BY = ("stage", "tier", "segment")
ARMS = ("treated", "held-out")


class Count(NamedTuple):
    """Customers of one arm of one group; `by` is None for all of the playbook. `stayed`: of the `judged`."""

    playbook: str
    version: int
    by: str | None
    group: str | None
    arm: str
    drawn: int
    judged: int
    stayed: int


class Work(NamedTuple):
    """What was done for the treated: so often begun, done or delivered, refused, and never ended otherwise."""

    playbook: str
    version: int
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
    work: tuple[Work, ...]


def evidence(
    counts: Sequence[Count],
    work: Sequence[Work],
    design: Design,
    *,
    least: int,
    held_out_share: Callable[[str, int], float | None],
    planned: Callable[[str, int], tuple[Planned, ...]],
) -> list[Evidence]:
    """By playbook and version. `least`: judged customers below which nothing is told of a group."""
    found: dict[tuple[str, int], dict[tuple[str | None, str | None], dict[str, Arm]]] = {}
    for one in counts:
        groups = found.setdefault((one.playbook, one.version), {})
        groups.setdefault((one.by, one.group), {})[one.arm] = Arm(one.drawn, one.judged, one.stayed)
    return [
        Evidence(
            *key,
            planned(*key),
            _cells(found[key], design, least, held_out_share(*key)),
            tuple(one for one in work if (one.playbook, one.version) == key and one.begun >= least),
        )
        for key in sorted(found)
    ]


def _cells(
    groups: Mapping[tuple[str | None, str | None], Mapping[str, Arm]],
    design: Design,
    least: int,
    held_out_share: float | None,
) -> tuple[Cell, ...]:
    judged = {key: sum(arm.judged for arm in arms.values()) for key, arms in groups.items()}
    hidden = too_small(judged, least)
    cells = []
    for key in sorted(groups, key=lambda key: (key[0] or "", key[1] or "")):
        treated, held_out = (groups[key].get(arm, Arm(0, 0, 0)) for arm in ARMS)
        found = None if key in hidden else uplift(treated, held_out, design, held_out_share=held_out_share)
        cells.append(Cell(*key, found))
    return tuple(cells)


def too_small(judged: Mapping[tuple[str | None, str | None], int], least: int) -> set[tuple[str | None, str | None]]:
    """Which groups nothing is told of: those below `least`, and of each division as many more, the smallest first, as
    it takes until what is hidden is `least` together; else all less the others would be the one that is hidden."""
    hidden = {key for key, customers in judged.items() if customers < least}
    for by in {by for by, _ in judged if by is not None}:
        together = sum(judged[key] for key in hidden if key[0] == by)
        for key in sorted((key for key in judged if key[0] == by), key=lambda key: (judged[key], key[1] or "")):
            if key not in hidden and 0 < together < least:
                hidden.add(key)
                together += judged[key]
    return hidden
