"""How proof is put into the service: what its document makes of it, what it keeps up, serves and refuses."""

from dataclasses import replace
from datetime import tzinfo
from functools import partial
from pathlib import Path

from churn_alert.proof.api import router
from churn_alert.proof.documents import DepartureDocument, read_departure_versions
from churn_alert.proof.domain.disclosure import PeriodNotWhole
from churn_alert.proof.experiments import HeldOutShare
from churn_alert.proof.handlers import Measuring, judge_alerts, judge_occasions, judge_recency
from churn_alert.proof.noting import note_recency
from rapport.clock import utc_now
from rapport.composition import Composition
from rapport.documents import in_succession


def proved(composition: Composition, zone: tzinfo, departure: Path | None, held_out_share: HeldOutShare) -> Composition:
    """The service with its alerts judged. `departure`: a document instead of the published one; DocumentInvalid where
    it breaks a rule.
    """

    def taken(document: DepartureDocument) -> Measuring:
        return Measuring(document.definition(), document.version, document.design(), zone, document.recency_days)

    documents = read_departure_versions(departure, today=utc_now().astimezone(zone).date())
    measure = in_succession(documents, zone, taken)
    state = {"measure": measure, "departures": documents, "share_of_experiment": held_out_share}
    return replace(
        composition,
        routers=(*composition.routers, router),
        problems={**composition.problems, PeriodNotWhole: (422, "A period is of whole months")},
        upkeep=(
            *composition.upkeep,
            partial(judge_alerts, measure=measure),
            partial(judge_occasions, measure=measure),
            partial(note_recency, measure=measure),
            partial(judge_recency, measure=measure),
        ),
        state={**composition.state, **state},
    )
