"""What the alerts that were issued come to, and what may be said of so few."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.proof.domain.beside import Beside, Pauses, beside
from churn_alert.proof.domain.disclosure import LEAST, is_released, told, whole_months
from churn_alert.proof.domain.issued import BY, Columns, Figures, Issued, Ranked, figures, ranked
from churn_alert.proof.handlers import Measuring
from churn_alert.proof.store.acting import Counted, Waits, gone_over
from churn_alert.proof.store.courses import Asked
from churn_alert.proof.store.fared import drawn, held_out
from churn_alert.proof.store.recency import fared, noted_months
from rapport.behaviour.survival import survival

T = TypeVar("T", Issued, Pauses)
BESIDE_BY = ("tier", "stage", "segment")


@dataclass(frozen=True, slots=True)
class Arm:
    """Alerts of those of whom something was done, or of whom no lot was drawn: counted, never called right or wrong."""

    alerts: int
    judged: int
    gone: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Hours from the opening until the first act; None where so many have seen none yet."""

    group: str | None
    alerts: int
    acted: int
    median_hours: float | None
    p90_hours: float | None


@dataclass(frozen=True, slots=True)
class Proof:
    """`held_out` None: fewer than may be told of. `lead_days`: of each right alert of the held out, sorted.

    `beside`: alerts and the recency rule on the same customers, over the months of which all is judged; None to who has
    charge of customers.
    """

    held_out: Figures | None
    treated: Arm | None
    without_lot: Arm
    by: Mapping[str, Sequence[Figures]]
    ranked: Ranked | None
    lead_days: Sequence[int]
    beside: Beside | None
    beside_by: Mapping[str, Sequence[Beside]]
    waits: Sequence[Wait]


async def proof(connection: AsyncConnection, asked: Asked, measure: Measuring, as_of: datetime) -> Proof:
    """All of it; see `disclosure` for what is withheld from whom."""
    cells, waited = await gone_over(connection, asked, as_of)
    alerts = await held_out(connection, asked)
    if asked.sight.has_charge:
        months = whole_months(await drawn(connection, asked))
        day = as_of.astimezone(measure.zone).date()
        released = {one.month for one in cells if is_released(one.month, measure.definition.window, day)}
        alerts = [_as_told(one, released) for one in alerts if one.month in months]
        cells = [
            one if one.month in released else one._replace(judged=0, gone=0)
            for one in cells
            if one.month in months or one.arm == "none"
        ]
        waited = {place: one for place, one in waited.items() if place[1] in months}
    side_by_side = Columns(alerts)
    beside_recency, beside_by = await _beside(connection, asked, measure, as_of, alerts, _share(cells))
    is_told = side_by_side.customers() >= LEAST
    return Proof(
        held_out=figures(None, side_by_side) if is_told else None,
        treated=_arm(cells, "treated") if is_told else None,
        without_lot=_arm(cells, "none"),
        by={name: _grouped(name, side_by_side) for name in BY} if is_told else {},
        ranked=ranked(side_by_side) if is_told else None,
        lead_days=sorted(one.lead_days for one in alerts if one.lead_days is not None) if is_told else (),
        beside=beside_recency,
        beside_by=beside_by,
        waits=_waits(waited, LEAST if asked.sight.has_charge else 0),
    )


def _arm(cells: Sequence[Counted], arm: str) -> Arm:
    those = [one for one in cells if one.arm == arm]
    return Arm(sum(one.alerts for one in those), sum(one.judged for one in those), sum(one.gone for one in those))


def _grouped(name: str, alerts: Columns) -> list[Figures]:
    groups = alerts.groups(name)
    shown = told({group: alerts.customers(places) for group, places in groups.items()})
    return [figures(group, alerts, groups[group]) for group in sorted(shown)]


def _share(cells: Sequence[Counted]) -> float:
    by = Counter[str]()
    for one in cells:
        by[one.arm] += one.alerts
    both = by["held-out"] + by["treated"]
    return by["held-out"] / both if both else 0.0


async def _beside(
    connection: AsyncConnection,
    asked: Asked,
    measure: Measuring,
    as_of: datetime,
    alerts: Sequence[Issued],
    share: float,
) -> tuple[Beside | None, dict[str, list[Beside]]]:
    """In all, and by each of what was known when somebody was warned of. Who is gone without an alert is nobody's to be
    told who has charge of customers.
    """
    if asked.sight.has_charge:
        return None, {}
    day, window = as_of.astimezone(measure.zone).date(), measure.definition.window
    months = {month for month in await noted_months(connection) if is_released(month, window, day)}
    of = [one for one in alerts if one.month in months]
    pauses = [one for one in await fared(connection, asked) if one.month in months]
    by = {}
    for name in BESIDE_BY:
        alerts_of, pauses_of = _by(name, of), _by(name, pauses)
        by[name] = [beside(one, alerts_of.get(one, ()), pauses_of[one], share) for one in sorted(pauses_of)]
    return beside(None, of, pauses, share), by


def _by(name: str, those: Sequence[T]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = {}
    for one in those:
        groups.setdefault(getattr(one, name), []).append(one)
    return groups


def _as_told(one: Issued, released: Collection[date]) -> Issued:
    return one if one.month in released else one._replace(is_judged=False, lead_days=None)


def _waits(waited: Mapping[tuple[str, date], Waits], least: int) -> list[Wait]:
    """In all and by tier; nothing of fewer alerts than `least`."""
    by: dict[str, Waits] = {}
    for (tier, _), one in waited.items():
        of = by.setdefault(tier, Waits(Counter(), Counter()))
        of.acted.update(one.acted)
        of.waiting.update(one.waiting)
    tiers = told({tier: one.acted.total() + one.waiting.total() for tier, one in by.items()}, least)
    found = [_wait(tier, *by[tier]) for tier in sorted(tiers)]
    acted, waiting = (sum((one[place] for one in by.values()), Counter[float]()) for place in (0, 1))
    return [_wait(None, acted, waiting), *found] if acted.total() + waiting.total() >= least else []


def _wait(group: str | None, acted: Counter[float], waiting: Counter[float]) -> Wait:
    found = survival(acted, waiting)
    return Wait(group, acted.total() + waiting.total(), acted.total(), found.reached(0.5), found.reached(0.9))
