"""What the operations on interventions and on tasks have in common."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from churn_alert.intervention.handlers.working import Doer
from rapport.web import Paging, Principal, require

Reader = Annotated[Principal, Depends(require("interventions:read"))]
Writer = Annotated[Principal, Depends(require("interventions:write"))]
ByMoment = Annotated[Paging, Depends(Paging.by(datetime, UUID))]
OF_CUSTOMER = Query(description="Only of this one, on whichever file", examples=["c-4f1d8a"])


def doer_of(principal: Principal) -> Doer:
    """The caller as handlers take who does something."""
    is_bound = principal.sight_of_tokens.extent == "team"
    return Doer(principal.subject, leads="team_lead" in principal.roles, is_bound=is_bound)
