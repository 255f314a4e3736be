"""How the casebook is put into the service: what its document makes of it, what it keeps up, serves and refuses."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.casebook.api import cases, evidence, retention
from churn_alert.casebook.counting import count_months
from churn_alert.casebook.documents import read_likeness
from churn_alert.casebook.domain.cases import CaseNotFound
from churn_alert.casebook.handlers import Trying
from churn_alert.casebook.store.looks import held_up
from rapport.composition import Composition
from rapport.telemetry.metrics import Figures


async def _held_up(connection: AsyncConnection) -> Mapping[tuple[str, ...], float]:
    return {(): float(await held_up(connection))}


_HELD_UP = Figures(
    "rapport_churn_retention_held_up",
    "Customers due for whom a month waits, or is counted without",
    (),
    _held_up,
)


def remembered(composition: Composition, likeness: Path | None) -> Composition:
    """The service with its cases. Raises DocumentInvalid where a document breaks a rule."""
    state = composition.state
    trying = Trying(state["playbooks"][1], state["held_out_share"], state["measure"])
    count = partial(count_months, measure=trying.measure, limits=state["silence_limits"])
    return replace(
        composition,
        routers=(*composition.routers, evidence.router, cases.router, retention.router),
        problems={**composition.problems, CaseNotFound: (404, "No such case")},
        upkeep=(*composition.upkeep, count),
        figures=(*composition.figures, _HELD_UP),
        state={**composition.state, "trying": trying, "likeness": read_likeness(likeness)},
    )
