"""Alerts that are closed, written as the service writes them: in numbers that no life of a test would give."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from pydantic_core import to_jsonable_python

from churn_alert.alert.store.tables import alert_events, alerts
from churn_alert.intervention.store.tables import intervention_steps, interventions
from churn_alert.proof.store.outcomes import alert_outcomes
from rapport.ids import new_id
from tests.churn_alert.alert.raising import four
from tests.support.delivering import Delivering
from tests.support.sight import client_of
from tests.support.tokens import TestIssuer

OPENED = datetime(2025, 3, 3, 1, tzinfo=UTC)
NOTHING, HOUR, DAY = timedelta(0), timedelta(hours=1), timedelta(days=1)
Write = Callable[..., Any]


@pytest.fixture
async def watcher(app: FastAPI, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """Who sees everybody."""
    async with client_of(app, issuer, "risk_manager", subject="e-9") as client:
        yield client


@pytest.fixture
async def reader(app: FastAPI, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """Who reads reports of the whole bank."""
    async with client_of(app, issuer, "analyst", subject="e-9") as client:
        yield client


@pytest.fixture
def write(service: Delivering) -> Write:
    """`await write(case("c-1"), …)`: alerts with all that was done about them."""

    async def write(*cases: "dict[str, Any]") -> list[UUID]:
        async with service.runtime.engine.begin() as connection:
            for table in (alerts, alert_events, alert_outcomes, interventions, intervention_steps):
                rows = [row for one in cases for row in one.get(table.name, ())]
                if rows:
                    await connection.execute(table.insert(), rows)
        return [one["alerts"][0]["alert_id"] for one in cases]

    return write


def case(
    customer_id: str,
    *,
    at: datetime = OPENED,
    open_for: timedelta | None = 5 * DAY,
    outcome: str = "retained",
    gone: bool | None = None,
    steps: Sequence[dict[str, Any]] = (),
    out: dict[str, float] | None = None,
    arm: str | None = "treated",
    playbook: str | None = "care-of-all",
    **fields: Any,
) -> dict[str, Any]:
    """An alert, closed after `open_for` or open where that is None. `gone`: what was observed, None: not judged yet.
    `out`: which indicators lay how many spreads on the bad side."""
    alert_id, intervention_id = new_id(), new_id()
    closed_at = None if open_for is None else at + open_for
    row: dict[str, Any] = {
        "alert_id": alert_id,
        "customer_id": customer_id,
        "status": "opened" if closed_at is None else "closed",
        "severity": "medium",
        "cause": "silence",
        "probability": 0.7,
        "threshold": 0.6,
        "indicators": to_jsonable_python(four(**(out or {"transactions": 3.0}))),
        "model_version": 1,
        "horizon_days": 30,
        "crossing_id": new_id(),
        "opened_at": at,
        "closed_at": closed_at,
        "outcome": None if closed_at is None else outcome,
        "playbook": playbook,
        "playbook_version": None if playbook is None else 1,
        "arm": arm,
        "tier": "middle",
        "stage": "mature",
        "segment": "savers",
        "acknowledged_at": None,
        "acknowledged_by": None,
        "owner": None,
        "revision": 1,
    } | fields
    events = [{"alert_id": alert_id, "number": 1, "step": "opened", "happened_at": at, "known_at": at}]
    judged = [] if gone is None else [_judged(alert_id, at, gone=gone)]
    is_done = bool(steps) or arm == "held-out"
    done = {
        "intervention_id": intervention_id,
        "customer_id": customer_id,
        "node": "churn-warning",
        "playbook": playbook,
        "playbook_version": 1,
        "purpose": "churn-care",
        "experiment": None if arm is None else "care-of-the-rest",
        "arm": arm,
        "opened_at": at,
        "alert_id": alert_id,
        "status": "done",
        "reached": arm != "held-out",
        "ended_at": at + DAY,
        "revision": 1,
    }
    kept = [_step(intervention_id, customer_id, number, one) for number, one in enumerate(steps, start=1)]
    return {
        "alerts": [row],
        "alert_events": events,
        "alert_outcomes": judged,
        "interventions": [done] if is_done else [],
        "intervention_steps": kept,
    }


def task(action: str, ended_at: datetime | None, outcome: str | None = None, by: str = "e-manager") -> dict[str, Any]:
    """A task of a relationship manager, done or still open."""
    done = {"status": "done", "ended_by": by} if ended_at else {"status": "open", "ended_by": None}
    return (
        {"kind": "task", "action": action, "role": "rm", "message": None}
        | done
        | {
            "ended_at": ended_at,
            "outcome": outcome,
        }
    )


def contact(action: str, status: str, ended_at: datetime, outcome: str) -> dict[str, Any]:
    """A message that was delivered or refused."""
    ended = {"status": status, "ended_at": ended_at, "ended_by": None, "outcome": outcome}
    return {"kind": "contact", "action": action, "role": None, "message": {"template": "care-check-in"}} | ended


def _step(intervention_id: UUID, customer_id: str, number: int, one: dict[str, Any]) -> dict[str, Any]:
    named = {"step_id": new_id(), "intervention_id": intervention_id, "customer_id": customer_id, "partition": 0}
    return named | {"number": number, "taken_when": "always", "begun_at": OPENED} | one


def _judged(alert_id: UUID, at: datetime, *, gone: bool) -> dict[str, Any]:
    warned = at.date()
    gone_on = warned + 60 * DAY if gone else None
    return {
        "alert_id": alert_id,
        "warned_on": warned,
        "gone_on": gone_on,
        "definition": 1,
        "judged_at": at + 91 * DAY,
    }
