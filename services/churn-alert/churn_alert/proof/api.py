"""Proof over REST: how the alerts fared and whether interventions help, in figures and as a page."""

from datetime import datetime
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import HTMLResponse

from churn_alert.proof.asking import EVER, LATELY, OfPeriod, Period, asked_of
from churn_alert.proof.documents import DepartureDocument
from churn_alert.proof.experiments import experiments
from churn_alert.proof.figures import proof
from churn_alert.proof.handlers import Measuring, as_of
from churn_alert.proof.page import live_page
from churn_alert.proof.proof_views import ProofView
from churn_alert.proof.store.courses import Asked
from churn_alert.proof.views import ExperimentsView, ExperimentView
from rapport.clock import utc_now
from rapport.documents import in_force
from rapport.web import Principal, backend, read, require
from rapport.web.pages import html_page

router = APIRouter(prefix="/proof", tags=["proof"])
Reader = Annotated[Principal, Depends(require("proof:read"))]
_PAGE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "One file without scripts",
        "content": {"text/html": {"schema": {"type": "string"}, "example": "<!doctype html><html lang='en'>…</html>"}},
    }
}


class _Question(NamedTuple):
    """What is asked, by what it is measured, and the moment figures are of; None before the first event.

    `lately`: the same of alerts, which are told of the last months where no beginning is asked for: what they were
    worth years ago says nothing of the model in force. Persons of an experiment are counted from its first one on.
    """

    asked: Asked
    lately: Asked
    measure: Measuring
    name: str
    at: datetime | None


@router.get("", summary="Show how the alerts fared")
async def show_proof(request: Request, principal: Reader, period: OfPeriod) -> ProofView:
    """Of the alerts really issued: how many were right, how long before, and whether the percentage can be believed.

    An alert is judged once its window is over, by the days on which the customer did something; until then it counts
    as an alert and as nothing else. Right or wrong is told of the held out alone, with whom nothing is done: a warning
    that was heeded looks like one that was false. Beside them stands a rule that counts days without own activity, on
    the same customers. Periods are whole months that are over, by default the last fifteen. To a lead it is counted
    over the team's customers, and months count in which both arms are large enough, with what came of them once all of
    a month is known.
    """
    async with read(request) as connection:
        question = await _question(request, connection, principal, period)
        found = await proof(connection, question.lately, question.measure, question.at or EVER)
    return ProofView.of(found, question.lately, question.measure, question.name, question.at)


@router.get("/interventions", summary="Show whether interventions help")
async def show_interventions(request: Request, principal: Reader, period: OfPeriod) -> ExperimentsView:
    """Of each experiment, over all versions of its playbooks, the treated against the held out, in the arms that the
    lot drew, each person once.

    What was done or not done afterwards is not asked: staff contact the riskiest, so who was contacted leaves more
    often than who was not. An effect counts as shown when the arms are of the sizes that chance draws, as many were
    judged as were planned for, and the interval leaves zero.
    """
    async with read(request) as connection:
        question = await _question(request, connection, principal, period)
        share = request.app.state.share_of_experiment
        at = question.at or EVER
        found = await experiments(connection, question.asked, at, measure=question.measure, held_out_share=share)
    return ExperimentsView(
        as_of=question.at,
        window_days=question.measure.definition.window.days,
        experiments=[ExperimentView.of(one) for one in found],
    )


@router.get("/page", summary="Show proof as a page", response_class=HTMLResponse, responses=_PAGE)
async def show_page(request: Request, principal: Reader, period: OfPeriod) -> HTMLResponse:
    """The same figures with four pictures: reliability, lift, lead time, survival of treated and held out."""
    async with read(request) as connection:
        question = await _question(request, connection, principal, period)
        measure, share, at = question.measure, request.app.state.share_of_experiment, question.at or EVER
        found = await proof(connection, question.lately, measure, at)
        tried = await experiments(connection, question.asked, at, measure=measure, held_out_share=share)
    shown = ProofView.of(found, question.lately, measure, question.name, question.at)
    return html_page(live_page(shown, found, tried))


async def _question(request: Request, connection: AsyncConnection, principal: Principal, period: Period) -> _Question:
    """Raises PeriodNotWhole."""
    measure, document = _measured(request)
    at = await as_of(connection, backend(request).transactions.service)
    sight = principal.sight_of_tokens
    asked = asked_of(period, measure.zone, at, sight)
    lately = asked_of(period, measure.zone, at, sight, months=LATELY)
    return _Question(asked, lately, measure, document.name, at)


def _measured(request: Request) -> tuple[Measuring, DepartureDocument]:
    """What is measured by now."""
    measure: Measuring = request.app.state.measure
    now = utc_now()
    return measure.at(now), in_force(request.app.state.departures, now.astimezone(measure.zone).date())
