"""Proof over REST: how the alerts fared and whether interventions keep customers, in figures and as a page."""

from datetime import datetime
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse

from churn_alert.proof.documents import DepartureDocument
from churn_alert.proof.handlers import Experiment, Measure, as_of, experiments
from churn_alert.proof.page import live_page
from churn_alert.proof.store.figures import figures
from churn_alert.proof.views import ExperimentsView, ExperimentView, ProofView
from rapport.clock import utc_now
from rapport.documents import in_force
from rapport.events.base import Time
from rapport.web import Principal, backend, read, require

router = APIRouter(prefix="/proof", tags=["proof"])
Reader = Annotated[Principal, Depends(require("proof:read"))]
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""The page is one file: it loads nothing, runs nothing, sends nothing."""
_PAGE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "One file without scripts",
        "content": {"text/html": {"schema": {"type": "string"}, "example": "<!doctype html><html lang='en'>…</html>"}},
    }
}


class Period(NamedTuple):
    """Of the opening of the alerts; `until` is not included."""

    since: datetime | None
    until: datetime | None


def _period(
    opened_from: Annotated[Time | None, Query(description="Only alerts opened at or after, with a zone")] = None,
    opened_to: Annotated[Time | None, Query(description="Only alerts opened before, with a zone")] = None,
) -> Period:
    return Period(opened_from, opened_to)


OfPeriod = Annotated[Period, Depends(_period)]


class _Found(NamedTuple):
    experiments: list[Experiment]
    at: datetime | None


@router.get("", summary="Show how the alerts fared")
async def show_proof(request: Request, principal: Reader, period: OfPeriod) -> ProofView:
    """Of the alerts really issued: how many were right, how long before, and whether the percentage can be believed.

    An alert is judged once its window is over, by the days on which the customer did something; until then it counts
    as an alert and as nothing else. To a lead it is counted over the team's customers. How many departures nobody was
    warned of, and how a plain rule of recency fares, takes everybody's days: `python -m churn_alert backtest`.
    """
    measure, document = _measured(request)
    async with read(request) as connection:
        found = await figures(connection, zone=str(measure.zone), **period._asdict(), sight=principal.sight_of_tokens)
        at = await as_of(connection, backend(request).transactions.service)
    return ProofView.of(found, measure, document.name, at)


@router.get("/interventions", summary="Show whether interventions keep customers")
async def show_interventions(request: Request, principal: Reader, period: OfPeriod) -> ExperimentsView:
    """Of each version of a playbook, the treated against the held out, in the arms that the lot drew.

    What was done or not done afterwards is not asked: staff contact the riskiest, so who was contacted leaves more
    often than who was not. An effect counts as shown when the arms are of the sizes that chance draws, as many were
    judged as were planned for, and the interval leaves zero.
    """
    measure, _ = _measured(request)
    found = await _experiments(request, principal, period)
    return ExperimentsView(
        as_of=found.at,
        window_days=measure.definition.window.days,
        experiments=[ExperimentView.of(one) for one in found.experiments],
    )


@router.get("/page", summary="Show proof as a page", response_class=HTMLResponse, responses=_PAGE)
async def show_page(request: Request, principal: Reader, period: OfPeriod) -> HTMLResponse:
    """The same figures with pictures: reliability, right alerts by month, survival of treated and held out."""
    measure, document = _measured(request)
    async with read(request) as connection:
        found = await figures(connection, zone=str(measure.zone), **period._asdict(), sight=principal.sight_of_tokens)
    tried = await _experiments(request, principal, period)
    shown = ProofView.of(found, measure, document.name, tried.at)
    return HTMLResponse(
        live_page(shown, tried.experiments, measure.definition.window.days),
        headers={"Content-Security-Policy": _POLICY},
    )


def _measured(request: Request) -> tuple[Measure, DepartureDocument]:
    """What is measured by now."""
    measure: Measure = request.app.state.measure
    now = utc_now()
    return measure.at(now), in_force(request.app.state.departures, now.astimezone(measure.zone).date())


async def _experiments(request: Request, principal: Principal, period: Period) -> _Found:
    async with read(request) as connection:
        found = await experiments(
            connection,
            measure=_measured(request)[0],
            held_out_share=request.app.state.held_out_share,
            **period._asdict(),
            sight=principal.sight_of_tokens,
        )
        return _Found(found, await as_of(connection, backend(request).transactions.service))
