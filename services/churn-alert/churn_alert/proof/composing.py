"""How proof is put into the service: what its document makes of it, what it keeps up, serves and refuses."""

from dataclasses import replace
from datetime import tzinfo
from functools import partial
from pathlib import Path

from churn_alert.proof.api import router
from churn_alert.proof.documents import read_departure
from churn_alert.proof.handlers import HeldOutShare, Measure, judge_alerts
from rapport.composition import Composition


def proved(composition: Composition, zone: tzinfo, departure: Path | None, held_out_share: HeldOutShare) -> Composition:
    """The service with its alerts judged. `departure`: a document instead of the published one; DocumentInvalid where
    it breaks a rule.
    """
    document = read_departure(departure)
    measure = Measure(document.definition(), document.version, document.design(), zone)
    state = {"measure": measure, "departure": document, "held_out_share": held_out_share}
    return replace(
        composition,
        routers=(*composition.routers, router),
        upkeep=(*composition.upkeep, partial(judge_alerts, measure=measure)),
        state={**composition.state, **state},
    )
