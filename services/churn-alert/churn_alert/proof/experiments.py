"""What experiments come to: treated beside held out, each person once, and what may be said of so few."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.playbook.domain.playbooks import MEASURES, Measure
from churn_alert.proof.domain.disclosure import LEAST, is_released, whole_months
from churn_alert.proof.domain.survival import Stay, log_rank, stayed
from churn_alert.proof.domain.uplift import Arm, Uplift, uplift
from churn_alert.proof.handlers import Measuring
from churn_alert.proof.store.courses import Asked, Course, courses
from rapport.behaviour.survival import Step

HeldOutShare = Callable[[str, int], float | None]
"""Which share an experiment means to hold out in a version of the playbooks; None where it is no longer written."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """One experiment over all versions of its playbooks: what it does, and by arm how long its customers stay.

    `uplift` is None where an arm has too few customers to be told of; the curves are of alerts alone.
    """

    experiment: str
    measure: Measure | None
    versions: tuple[int, ...]
    uplift: Uplift | None
    treated: Sequence[Step]
    held_out: Sequence[Step]


async def experiments(
    connection: AsyncConnection, asked: Asked, as_of: datetime, *, measure: Measuring, held_out_share: HeldOutShare
) -> list[Experiment]:
    """Each experiment that drew an arm, by name; see `disclosure` for what is withheld."""
    day, window = as_of.astimezone(measure.zone).date(), measure.definition.window
    cells: dict[tuple[str, str], list[Course]] = {}
    for one in await courses(connection, asked):
        cells.setdefault((one.experiment, one.node), []).append(one)
    found = []
    for (name, node), those in sorted(cells.items()):
        shown = _of_whole_months(those, window, day) if asked.sight.has_charge else those
        found.append(_experiment(name, node, shown, measure, held_out_share))
    return found


def _of_whole_months(cells: Sequence[Course], window: timedelta, day: date) -> list[Course]:
    arms: dict[date, Counter[str]] = {}
    for one in cells:
        arms.setdefault(one.month, Counter())[one.arm] += one.customers
    months = whole_months(arms)
    return [
        one if is_released(one.month, window, day) else one._replace(achieved=None, lead_days=None)
        for one in cells
        if one.month in months
    ]


def _experiment(
    name: str, node: str, cells: Sequence[Course], measure: Measuring, held_out_share: HeldOutShare
) -> Experiment:
    treated = [one for one in cells if one.arm == "treated"]
    held_out = [one for one in cells if one.arm == "held-out"]
    versions = tuple(sorted({one.version for one in cells}))
    arms = _arm(treated), _arm(held_out)
    if min(arms[0].drawn, arms[1].drawn) < LEAST:
        return Experiment(name, MEASURES.get(node), versions, None, (), ())
    window = measure.definition.window.days
    is_of_stays = node == "churn-warning"
    stays = [_stays(those, window) if is_of_stays else Counter[Stay]() for those in (treated, held_out)]
    found = uplift(
        *arms,
        measure.design,
        held_out_share=_share(name, cells, held_out_share),
        survival=log_rank(stays[0], stays[1]),
        months=_months(treated, held_out),
    )
    return Experiment(name, MEASURES.get(node), versions, found, *(stayed(those) for those in stays))


def _share(name: str, cells: Sequence[Course], held_out_share: HeldOutShare) -> float | None:
    """Meant to be held out of all who were drawn: each version meant its own of those it drew."""
    drawn = Counter[int]()
    for one in cells:
        drawn[one.version] += one.customers
    shares = {version: held_out_share(name, version) for version in drawn}
    meant = [share * drawn[version] for version, share in shares.items() if share is not None]
    return sum(meant) / drawn.total() if len(meant) == len(drawn) and drawn else None


def _months(treated: Sequence[Course], held_out: Sequence[Course]) -> list[tuple[Arm, Arm]]:
    """Of each month of each version: who was drawn at one time by one share is judged alike."""
    months: dict[tuple[int, date], tuple[list[Course], list[Course]]] = {}
    for place, those in enumerate((treated, held_out)):
        for one in those:
            months.setdefault((one.version, one.month), ([], []))[place].append(one)
    return [(_arm(with_it), _arm(without)) for with_it, without in months.values()]


def _arm(cells: Sequence[Course]) -> Arm:
    judged = [one for one in cells if one.achieved is not None]
    return Arm(
        drawn=sum(one.customers for one in cells),
        judged=sum(one.customers for one in judged),
        stayed=sum(one.customers for one in judged if one.achieved),
    )


def _stays(cells: Sequence[Course], window: int) -> Counter[Stay]:
    """Of who is judged: all of them were watched for the window, so nobody falls out of it earlier."""
    stays = Counter[Stay]()
    for one in (one for one in cells if one.achieved is not None):
        is_gone = one.lead_days is not None
        stays[Stay(max(one.lead_days or 0, 0) if is_gone else window, is_gone)] += one.customers
    return stays
