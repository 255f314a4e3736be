"""What the casebook does: read what worked, as it is known now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.casebook.domain.evidence import Evidence, Planned, evidence, for_charge
from churn_alert.casebook.store.evidence import counts, work
from churn_alert.playbook.domain.playbooks import Shelf, Task
from churn_alert.proof.domain.disclosure import LEAST_JUDGED as LEAST
from churn_alert.proof.domain.disclosure import is_released
from churn_alert.proof.experiments import HeldOutShare
from churn_alert.proof.handlers import Measuring
from churn_alert.proof.store.courses import Asked
from rapport.clock import utc_now


@dataclass(frozen=True, slots=True)
class Trying:
    """What is tried on customers, and what it is measured by."""

    shelf: Shelf
    held_out_share: HeldOutShare
    measure: Measuring


async def what_worked(
    connection: AsyncConnection, trying: Trying, asked: Asked, as_of: datetime, *, playbook: str | None = None
) -> list[Evidence]:
    """Of every version of each playbook, or of one, as known at a moment."""
    measure = trying.measure.at(utc_now())
    counted, done = await counts(connection, asked, playbook), await work(connection, asked, playbook)
    if asked.sight.has_charge:
        day, window = as_of.astimezone(measure.zone).date(), measure.definition.window
        counted, done = for_charge(
            [one if is_released(one.month, window, day) else one._replace(judged=0, stayed=0) for one in counted],
            done,
        )
    return evidence(
        counted,
        done,
        measure.design,
        least=LEAST,
        held_out_share=trying.held_out_share,
        planned=lambda code, version: _planned(trying.shelf, code, version),
    )


def _planned(shelf: Shelf, code: str, version: int) -> tuple[Planned, ...]:
    book = shelf.of(version)
    found = next((one for one in book.playbooks if one.code == code), None) if book else None
    steps = found.steps if found else ()
    return tuple(Planned("task" if isinstance(one, Task) else "contact", one.action) for one in steps)
