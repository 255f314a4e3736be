"""Who was drawn into which arm of which experiment, and what came of them: each person once."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Subquery,
    Table,
    Text,
    case,
    cast,
    column,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.store.tables import alerts
from churn_alert.intervention.store.tables import interventions
from churn_alert.proof.store.outcomes import alert_outcomes, intervention_outcomes
from rapport.person.store import MERGED
from rapport.row_security import Sight
from rapport.sight.store import in_sight

_LEAD = alert_outcomes.c.gone_on - alert_outcomes.c.warned_on


class Course(NamedTuple):
    """Persons of one arm of an experiment alike in what came of them. `month`: its first day, of the opening.

    `achieved`: what the experiment asks; None of who is not judged yet. `lead_days`: from the alert until the customer
    was gone, None of who was not within the window, and where no alert began it; below zero of who was gone before.
    """

    experiment: str
    node: str
    version: int
    month: date
    arm: str
    achieved: bool | None
    lead_days: int | None
    customers: int


class Asked(NamedTuple):
    """Openings from a moment on until before another, of customers in sight; months are of the bank's calendar."""

    zone: str
    since: datetime | None
    until: datetime | None
    sight: Sight


def person_of(files: Table) -> tuple[Any, ColumnElement[str]]:
    """A table beside who is merged now, and by which file the person of a row is known."""
    several = merged_now()
    joined = files.outerjoin(several, several.c.customer_id == files.c.customer_id)
    return joined, func.coalesce(several.c.survivor, files.c.customer_id)


def merged_now() -> Subquery:
    """Each file that is merged into another now, and the survivor of its person."""
    merged = text(f"SELECT customer_id, survivor FROM {MERGED} one")  # noqa: S608 - our own words
    return merged.columns(column("customer_id", Text), column("survivor", Text)).subquery("merged")


def month_of(opened_at: ColumnElement[datetime], zone: str) -> ColumnElement[date]:
    """The first day of the month of the bank's calendar."""
    return cast(func.date_trunc("month", func.timezone(zone, opened_at)), Date)


def within(opened_at: ColumnElement[datetime], asked: Asked) -> list[ColumnElement[bool]]:
    """That it was opened in the period."""
    found = [] if asked.since is None else [opened_at >= asked.since]
    return found if asked.until is None else [*found, opened_at < asked.until]


async def courses(connection: AsyncConnection, asked: Asked) -> Sequence[Course]:
    """Of each experiment each person once, in the arm that was drawn first: of merged files the survivor's first."""
    return [
        Course(*row)
        for statement in (_of_alerts(asked), _of_occasions(asked))
        for row in (await connection.execute(statement)).all()
    ]


def _of_alerts(asked: Asked) -> Select[Any]:
    named = func.coalesce(alerts.c.experiment, alerts.c.playbook)
    first = _first(alerts, alerts.c.alert_id, named, literal("churn-warning"), [], asked.sight)
    outcome = alert_outcomes.c
    achieved = case((outcome.alert_id.is_not(None), outcome.gone_on.is_(None)))
    joined = first.outerjoin(alert_outcomes, outcome.alert_id == first.c.id)
    return _counted(first, joined, achieved, _LEAD, asked)


def _of_occasions(asked: Asked) -> Select[Any]:
    is_own: list[ColumnElement[bool]] = [interventions.c.alert_id.is_(None)]
    one = interventions.c
    first = _first(interventions, one.intervention_id, one.experiment, one.node, is_own, asked.sight)
    joined = first.outerjoin(intervention_outcomes, intervention_outcomes.c.intervention_id == first.c.id)
    return _counted(first, joined, intervention_outcomes.c.achieved, literal(None), asked)


def _first(
    table: Table, key: Any, experiment: Any, node: Any, conditions: list[ColumnElement[bool]], sight: Sight
) -> Subquery:
    of = table.c
    shown = (
        key.label("id"),
        experiment.label("experiment"),
        node.label("node"),
        of.playbook_version.label("version"),
        of.arm,
        of.opened_at,
    )
    return first_of_person(table, key, [experiment], shown, [of.arm.is_not(None), *conditions], sight)


def first_of_person(
    table: Table,
    key: ColumnElement[Any],
    by: Sequence[ColumnElement[Any]],
    shown: Sequence[ColumnElement[Any]],
    conditions: Sequence[ColumnElement[bool]],
    sight: Sight,
) -> Subquery:
    """Of each person in sight the first row of a table with `opened_at`, by these: of merged files the survivor's
    first, so that whoever was drawn on two files is in one arm.
    """
    joined, person = person_of(table)
    is_others = person != table.c.customer_id
    return (
        select(*shown)
        .ext(distinct_on(*by, person))
        .select_from(joined)
        .where(in_sight(person, sight), *conditions)
        .order_by(*by, person, is_others, table.c.opened_at, key)
        .subquery("first")
    )


def _counted(first: Any, joined: Any, achieved: Any, lead: Any, asked: Asked) -> Select[Any]:
    cells = (
        first.c.experiment,
        first.c.node,
        first.c.version,
        month_of(first.c.opened_at, asked.zone),
        first.c.arm,
        achieved,
        lead,
    )
    numbered = [one.label(f"cell_{place}") for place, one in enumerate(cells)]
    inner = select(*numbered).select_from(joined).where(*within(first.c.opened_at, asked)).subquery("cells")
    return select(*inner.c, func.count()).group_by(*inner.c)
