"""What worked, over REST."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from churn_alert.casebook.evidence_views import EvidenceView
from churn_alert.casebook.handlers import Trying, what_worked
from churn_alert.proof.domain.disclosure import check_whole, month_begins
from churn_alert.proof.handlers import as_of
from churn_alert.proof.store.courses import Asked
from rapport.clock import utc_now
from rapport.events.base import Code, Time
from rapport.web import Principal, backend, read, require

router = APIRouter(prefix="/cases", tags=["cases"])
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
Reader = Annotated[Principal, Depends(require("proof:read"))]


@router.get("/what-worked", summary="Show what worked")
async def show_what_worked(
    request: Request,
    principal: Reader,
    playbook: Annotated[Code | None, Query(description="Only this one", examples=["care-of-all"])] = None,
    opened_from: Annotated[
        Time | None, Query(description="At or after: first midnight of a month, with a zone")
    ] = None,
    opened_to: Annotated[Time | None, Query(description="Before: the same of another month")] = None,
) -> EvidenceView:
    """Of each version of a playbook with the steps it plans: the share that stayed of the treated against the held out,
    in all and by stage, tier and segment when the alert was opened, each customer once and in the arm the lot drew.

    `conclusion` says whether it is enough to say anything. Of few customers nothing is told, and of as many more as it
    takes that the few cannot be reckoned from the rest. Periods are whole months that are over. To a lead it is counted
    over the team's customers, in months with enough in both arms, and without the groups.
    """
    trying: Trying = request.app.state.trying
    measure = trying.measure.at(utc_now())
    check_whole("opened_from", opened_from, measure.zone)
    check_whole("opened_to", opened_to, measure.zone)
    async with read(request) as connection:
        at = await as_of(connection, backend(request).transactions.service)
        over = month_begins((at or _EVER).astimezone(measure.zone).date(), measure.zone)
        asked = Asked(str(measure.zone), opened_from, min(opened_to or over, over), principal.sight_of_tokens)
        found = await what_worked(connection, trying, asked, playbook=playbook)
    return EvidenceView.of(found, as_of=at, window_days=measure.definition.window.days)
