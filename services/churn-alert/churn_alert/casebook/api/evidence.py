"""What worked, over REST."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from churn_alert.casebook.evidence_views import EvidenceView
from churn_alert.casebook.handlers import Trying, what_worked
from churn_alert.proof.handlers import as_of
from rapport.clock import utc_now
from rapport.events.base import Code, Time
from rapport.web import Principal, backend, read, require

router = APIRouter(prefix="/cases", tags=["cases"])
Reader = Annotated[Principal, Depends(require("proof:read"))]


@router.get("/what-worked", summary="Show what worked")
async def show_what_worked(
    request: Request,
    principal: Reader,
    playbook: Annotated[Code | None, Query(description="Only this one", examples=["care-of-all"])] = None,
    opened_from: Annotated[Time | None, Query(description="Only alerts opened at or after, with a zone")] = None,
    opened_to: Annotated[Time | None, Query(description="Only alerts opened before, with a zone")] = None,
) -> EvidenceView:
    """Of each version of a playbook with the steps it plans: the share that stayed of the treated against the held out,
    in all and by stage, tier and segment when the alert was opened, each customer once and in the arm the lot drew.

    `conclusion` says whether it is enough to say anything. Of few customers nothing is told, and of as many more as it
    takes that the few cannot be reckoned from the rest. To a lead it is counted over the team's customers.
    """
    trying: Trying = request.app.state.trying
    async with read(request) as connection:
        found = await what_worked(
            connection,
            trying,
            playbook=playbook,
            since=opened_from,
            until=opened_to,
            sight=principal.sight_of_tokens,
        )
        at = await as_of(connection, backend(request).transactions.service)
    return EvidenceView.of(found, as_of=at, window_days=trying.measure.at(utc_now()).definition.window.days)
