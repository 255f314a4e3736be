"""What worked, over REST."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from churn_alert.casebook.evidence_views import EvidenceView
from churn_alert.casebook.handlers import Trying, what_worked
from churn_alert.proof.asking import EVER, OfPeriod, asked_of
from churn_alert.proof.handlers import as_of
from rapport.clock import utc_now
from rapport.events.base import Code
from rapport.web import Principal, backend, read, require

router = APIRouter(prefix="/cases", tags=["cases"])
Reader = Annotated[Principal, Depends(require("proof:read"))]


@router.get("/what-worked", summary="Show what worked")
async def show_what_worked(
    request: Request,
    principal: Reader,
    period: OfPeriod,
    playbook: Annotated[Code | None, Query(description="Only this one", examples=["care-of-all"])] = None,
) -> EvidenceView:
    """Of each version of a playbook with the steps it plans: the share that stayed of the treated against the held out,
    in all and by stage, tier and segment when the alert was opened, each person once and in the arm the lot drew first.

    `conclusion` says whether it is enough to say anything. Of few customers, or few in an arm, nothing is told, and of
    as many more as it takes that the few cannot be reckoned from the rest. Periods are whole months that are over. To a
    lead it is counted over the team's customers, in months with enough in both arms and with what came of them once all
    of a month is known, and without the groups.
    """
    trying: Trying = request.app.state.trying
    async with read(request) as connection:
        at = await as_of(connection, backend(request).transactions.service)
        asked = asked_of(period, trying.measure.zone, at, principal.sight_of_tokens)
        found = await what_worked(connection, trying, asked, at or EVER, playbook=playbook)
    return EvidenceView.of(found, as_of=at, window_days=trying.measure.at(utc_now()).definition.window.days)
