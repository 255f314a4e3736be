"""Risks over REST: how likely a customer is drifting away now and why, who is at risk, and when that was decided."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from churn_alert.risk import behaviour_api
from churn_alert.risk.documents import RiskModelDocument
from churn_alert.risk.domain.behaviour import RiskNotFound
from churn_alert.risk.domain.crossing import Rules, anchor_of, silence_raises_at
from churn_alert.risk.domain.indicators import history_days, indicators_of
from churn_alert.risk.domain.normal import normal_of
from churn_alert.risk.domain.readiness import is_known
from churn_alert.risk.reason_views import HorizonView, ReasonView
from churn_alert.risk.store import reading
from churn_alert.risk.store.crossings import page_of_crossings
from churn_alert.risk.store.told_to import may_tell
from churn_alert.risk.views import (
    CROSSING,
    SUMMARY,
    CrossingView,
    IndicatorView,
    RiskSummary,
    RiskView,
    level_of,
)
from rapport.clock import utc_now
from rapport.documents import in_force
from rapport.messaging.partitions import partition_of
from rapport.sight.access import CustomerId, on_customer
from rapport.sight.store import seen_of
from rapport.web import Page, Paging, Principal, backend, read, require
from rapport.web.examples import page_of

router = APIRouter(tags=["risks"])
router.include_router(behaviour_api.router)
Reader = Annotated[Principal, Depends(require("risks:read"))]
OfModels = Annotated[Principal, Depends(require("risk-models:read"))]
ByCustomer = Annotated[Paging, Depends(Paging.by(str))]
ByMoment = Annotated[Paging, Depends(Paging.by(datetime, UUID))]
OfCustomer = Annotated[Principal, Depends(on_customer("risks:read", unknown=RiskNotFound))]
_Responses = dict[int | str, dict[str, Any]]
_NOT_FOUND: _Responses = {404: {"description": "Nothing was heard of this customer"}}


@router.get("/risks", summary="List risks", responses=page_of(SUMMARY))
async def list_risks(
    request: Request,
    principal: Reader,
    paging: ByCustomer,
    above: Annotated[float | None, Query(ge=0, le=1, description="Only at or above it", examples=[0.5])] = None,
    raised: Annotated[bool | None, Query(description="Only raised ones, or only others")] = None,
) -> Page[RiskSummary]:
    """Those of the customers that the caller sees, as last decided, by customer id.

    Reaching the upper threshold is itself decided at its moment, so `raised=true` is always complete; a lower `above`
    may miss who has been silent since the last event. Who looks after customers is told a risk beside an open alert
    alone, and finds by these two nobody else: else who is held out could be told from the others.
    """
    async with read(request) as connection:
        rows = await reading.page_of_risks(
            connection,
            above=above,
            raised=raised,
            sight=principal.sight_of_tokens,
            after=paging.key,
            limit=paging.limit + 1,
        )
    return paging.page(rows, item=RiskSummary.of, key=lambda row: (row["customer_id"],))


@router.get("/risks/{customer_id}", summary="Show a customer's risk", responses=_NOT_FOUND)
async def show_risk(customer_id: CustomerId, request: Request, principal: OfCustomer) -> RiskView:
    """The risk as it is at `as_of`: it rises with silence, without an event, as far as the bank was heard.

    Each measure stands beside what is normal for this very customer. `lag` counts the records of the customer's
    partition that were not handled yet when the worker last looked. Of a file that was merged into another it is the
    risk of the person, on the sum over all files; `files` names those that the caller sees. Who looks after customers
    is told the risk beside an open alert alone, and what the customer does always.
    """
    service = backend(request).transactions.service
    topics = [service.topic_prefix + event.name for event in service.hears.values()]
    async with read(request) as connection:
        seen = await reading.find(connection, customer_id, topics)
        if seen is None:
            raise RiskNotFound
        seen = seen._replace(files=await seen_of(connection, seen.files, principal.sight_of_tokens))
        told = await may_tell(connection, seen.risk.customer_id, principal.sight_of_tokens)
        known_until = await request.app.state.silence_limits(connection, service, now := utc_now())
    limit = known_until.get(partition_of(customer_id, service.partitions))
    as_of = (seen.position if service.is_stream_time else limit) or now
    view = _shown(customer_id, seen, as_of, request.app.state.rules, is_told=told)
    return view if told else view.untold()


def _shown(customer_id: str, seen: reading.Seen, as_of: datetime, rules: Rules, *, is_told: bool) -> RiskView:
    risk, now = seen.risk, rules.at(as_of)
    model, anchor, known = now.model, anchor_of(risk, now), is_known(risk, now.model, as_of)
    normal = normal_of(risk, now.ranges)
    silence = anchor.silence(as_of) if anchor else 0.0
    shown = model.probabilities(anchor, silence) if anchor and known else {}
    return RiskView(
        customer_id=customer_id,
        merged_into=None if risk.customer_id == customer_id else risk.customer_id,
        files=list(seen.files),
        level=level_of(
            is_raised=risk.is_raised and is_told,
            is_known=known,
            is_refused=risk.consent_refused,
            is_restricted=risk.is_restricted,
        ),
        level_since=risk.level_since,
        probability=shown.get(model.horizon_days),
        upper_threshold=model.upper,
        lower_threshold=model.lower,
        horizon_days=model.horizon_days,
        horizons=[HorizonView(days=days, probability=one) for days, one in shown.items()],
        reasons=[ReasonView(**one._asdict()) for one in model.reasons(anchor, silence)] if anchor and known else [],
        indicators=[IndicatorView.of(one) for one in indicators_of(risk, anchor, model, normal, as_of)]
        if anchor
        else [],
        silence_raises_at=silence_raises_at(risk, rules),
        decided_at=risk.decided_at,
        due_at=risk.due_at,
        own_transactions=risk.own_transactions,
        channel_uses=risk.channel_uses,
        negative_feedbacks=risk.negative_feedbacks,
        without_feedback=risk.without_feedback,
        history_days=history_days(risk, as_of),
        last_activity_at=risk.last_activity_at,
        currency=rules.bank.currency,
        model_version=model.version,
        as_of=as_of,
        lag=seen.lag,
        lag_known_at=seen.lag_known_at,
    )


@router.get(
    "/risks/{customer_id}/crossings",
    summary="List when a customer's risk crossed a threshold",
    responses=_NOT_FOUND | page_of(CROSSING),
)
async def list_crossings(
    customer_id: CustomerId, request: Request, principal: OfCustomer, paging: ByMoment
) -> Page[CrossingView]:
    """The latest first, with the measures it was decided on; of a person of several files those on any of them. A
    superseded one stays, and another follows. Who looks after customers is shown those alone that came while an alert
    was open that is not held out.
    """
    sight = principal.sight_of_tokens
    async with read(request) as connection:
        rows = await page_of_crossings(connection, customer_id, sight, before=paging.after, limit=paging.limit + 1)
        if not rows and not await reading.exists(connection, customer_id):
            raise RiskNotFound
    return paging.page(rows, item=CrossingView.of, key=lambda row: (row["crossed_at"], row["crossing_id"]))


@router.get("/risk-model", summary="Show the risk model")
async def show_risk_model(request: Request, _: OfModels) -> RiskModelDocument:
    """The version decisions are made by now: weights, thresholds, and the card that says what it was fitted on.

    Not for who looks after customers: with the weights they could reckon the risk that they are not told.
    """
    rules: Rules = request.app.state.rules
    models: Sequence[RiskModelDocument] = request.app.state.risk_models
    return in_force(models, utc_now().astimezone(rules.bank.zone).date())
