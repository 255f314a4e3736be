"""How the casebook is put into the service: what its document makes of it, what it keeps up, serves and refuses."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from churn_alert.casebook.api import cases, evidence, retention
from churn_alert.casebook.counting import count_months
from churn_alert.casebook.documents import read_likeness
from churn_alert.casebook.domain.cases import CaseNotFound
from churn_alert.casebook.handlers import Trying
from rapport.composition import Composition


def remembered(composition: Composition, likeness: Path | None) -> Composition:
    """The service with its cases. Raises DocumentInvalid where a document breaks a rule."""
    state = composition.state
    trying = Trying(state["playbooks"][1], state["held_out_share"], state["measure"])
    return replace(
        composition,
        routers=(*composition.routers, evidence.router, cases.router, retention.router),
        problems={**composition.problems, CaseNotFound: (404, "No such case")},
        upkeep=(*composition.upkeep, partial(count_months, measure=trying.measure)),
        state={**composition.state, "trying": trying, "likeness": read_likeness(likeness)},
    )
