"""Nobody but compliance can tell whether anything abnormal was found: the same stream, with rules that find and with
rules that find nothing, leaves everything else the same to the byte (AML law 2024, articles 7 and 35)."""

import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from churn_alert.abnormal.reading import REPORTING
from rapport.ids import derived_id
from rapport.serving import api_of
from rapport.telemetry.metrics import Metrics
from rapport.telemetry.observer import DeliveryTelemetry
from rapport.telemetry.traces import Tracing
from rapport.web.authentication import scopes_of
from rapport.web.scopes import ROLE_SCOPES
from tests.churn_alert.abnormal.telling import at, cash, sent
from tests.churn_alert.access.conftest import SILENT_FROM
from tests.churn_alert.lives import heard, steady
from tests.support.delivering import Delivering
from tests.support.logged import logged
from tests.support.sight import OWN, STAFF, SUBJECTS, client_of, employee, managed
from tests.support.tokens import TestIssuer

OTHERS = sorted(ROLE_SCOPES.keys() - {"compliance"})
WORDS = re.compile(r"large-cash|structured|abnormal_activit|lead_id|passed-through|withdrawn")
OWN_TABLES = re.compile("abnormal_|activity_states")


@pytest.fixture
def blind(tmp_path: Path) -> Path:
    """Rules by which nothing is ever found: thresholds nobody reaches, no pattern, no range."""
    document = json.loads(REPORTING.read_bytes())
    for edition in document["editions"]:
        for rule in edition["large"]:
            rule |= {"home": "999999999999999", "foreign": "999999999999999"}
    document["patterns"] = {"structuring": [], "passing_through": [], "many_postings": []}
    for one in ("amount", "new_counterparty", "dormant"):
        document["unusual"][one]["least"] = "999999999999999"
    for one in ("frequency", "night"):
        document["unusual"][one]["least"] = 10_000
    path = tmp_path / "blind.json"
    path.write_text(json.dumps(document))
    return path


async def played(service: Delivering) -> None:
    """A life that ends in silence, with cash, structuring and money that passes through in it; and a bad record."""
    day = at("2025-04-01")
    told: list[Any] = [*steady(OWN, 150)]
    told += [cash(day + timedelta(days=n), "48000.00", OWN, transaction_no=f"s-{n}") for n in range(4)]
    told += [cash(day + timedelta(days=20), "100000.00", OWN, transaction_no="big")]
    told += [sent(day + timedelta(days=20, hours=1), "600000.00", OWN, transaction_no="out")]
    told += [cash(SILENT_FROM + timedelta(days=70), "10.00", OWN, transaction_no="last")]
    first = [employee(*one) for one in STAFF] + [managed(OWN, "e-manager")]
    records = [(one, at("2025-01-01")) for one in first] + [(one.event, one.at) for one in heard(told)]
    for number, (event, time) in enumerate(records):
        identifier = str(derived_id(time, "tipping-off", number))
        await service.deliver(service.feed.record(event, time=time, identifier=identifier))
    bad = str(derived_id(day, "tipping-off", "bad"))
    record = service.feed.record(cash(day, "60000.00", OWN), time=day, identifier=bad, data={"amount": "none"})
    await service.deliver(record)


async def answers(app: FastAPI, issuer: TestIssuer) -> dict[tuple[str, str], tuple[int, str]]:
    """What every role but compliance is answered by every operation that reads; times of handling left out."""
    seen = {}
    for role in OTHERS:
        async with client_of(app, issuer, role, subject=SUBJECTS[role]) as client:
            for path, methods in app.openapi()["paths"].items():
                if "get" in methods and "/health/" not in path:
                    filled = path.format(**dict.fromkeys(re.findall(r"{(\w+)}", path), OWN))
                    answer = await client.get(filled)
                    seen[role, path] = answer.status_code, _without_clock(answer)
    return seen


def _without_clock(answer: httpx.Response) -> str:
    said = answer.text
    for name in ("known_at", "lag_known_at", "advanced_at", "died_at", "instance", "dead_letter_id"):
        said = re.sub(rf'"{name}": ?"[^"]*"', f'"{name}":"-"', said)
    return re.sub(r'"[0-9a-f-]{36}"', '"id"', re.sub(r'"2026-[^"]*"', '"now"', said))


async def told_outside(service: Delivering) -> list[tuple[str, str, bytes]]:
    rows = await service.rows("SELECT topic, event_id, value FROM outbox ORDER BY outbox_id")
    return [
        (row.topic, str(row.event_id), row.value)
        for row in rows
        if row.topic not in {"abnormal-activity-detected", "churn-alert.dead-letter"}
    ]


async def rows_outside(service: Delivering) -> dict[str, int]:
    tables = await service.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    names = [row.tablename for row in tables if not OWN_TABLES.match(row.tablename) and row.tablename != "outbox"]
    return {name: (await service.rows(f"SELECT count(*) AS n FROM {name}"))[0].n for name in sorted(names)}


async def test_nobody_else_is_answered_or_told_anything_else_for_what_was_found(
    running: Any, issuer: TestIssuer, blind: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seeing, unseeing = await running(), await running(abnormal_rules=blind)
    for service in (seeing, unseeing):
        await played(service)
    rules = {row.rule for row in await seeing.rows("SELECT rule FROM abnormal_activities")}
    assert rules >= {"large-cash", "structured-cash", "large-transfer-person", "passed-through"}
    assert await unseeing.rows("SELECT rule FROM abnormal_activities") == []
    assert await seeing.rows("SELECT 1 FROM alerts"), "there is an alert whose reasons could have told"
    assert await told_outside(seeing) == await told_outside(unseeing)
    assert await rows_outside(seeing) == await rows_outside(unseeing)
    said = [await answers(api_of(service.runtime), issuer) for service in (seeing, unseeing)]
    assert said[0] == said[1]
    assert {status for status, _ in said[0].values()} >= {200, 403}
    catalogued = {path for _, path in said[0] if path.startswith("/catalogue")}
    leaks = [place for place, (_, text) in said[0].items() if WORDS.search(text) and place[1] not in catalogued]
    assert leaks == []
    assert not WORDS.search(capsys.readouterr().out)


def test_no_metric_names_what_is_told_to_compliance_alone() -> None:
    metrics = Metrics("churn-alert")
    telemetry = DeliveryTelemetry(metrics)
    before = metrics.render()
    for prefix in ("", "test-"):
        telemetry.relayed(f"{prefix}abnormal-activity-detected", 3, [0.1])
    assert metrics.render() == before
    telemetry.relayed("churn-alert-changed", 3, [0.1])
    assert metrics.render() != before


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    with logged("churn-alert", role="api", level="DEBUG") as found:
        yield found


def of_compliance_alone(app: FastAPI) -> list[tuple[str, str]]:
    """Method and path of every operation that has a scope of leads."""
    return [
        (method, str(context.path_format))
        for context in iter_route_contexts(app.routes)
        for method in sorted(context.methods or ())
        if any(scope.startswith("abnormal-activities:") for scope in scopes_of(context))
    ]


async def test_that_compliance_asks_leaves_no_trace_and_that_others_are_refused_names_no_operation(
    service: Delivering, issuer: TestIssuer, logs: io.StringIO
) -> None:
    await service.deliver(service.feed.record(cash(at("2025-04-01"), "60000.00", OWN), time=at("2025-04-01")))
    (row,) = await service.rows("SELECT lead_id FROM abnormal_activities")
    metrics, exporter = Metrics("churn-alert"), InMemorySpanExporter()
    tracing = Tracing("churn-alert", exporter, share=1.0)
    app = api_of(service.runtime, metrics=metrics, tracing=tracing)
    asked = of_compliance_alone(app)
    assert len(asked) == 6
    before = metrics.render()
    bodies: list[dict[str, Any]] = [{"content": b"{"}, {"json": {"reason": "explained", "surprise": 1}}, {}]
    bodies += [{"json": {"reason": "explained"}}, {"json": {"decision": "refuse"}}]
    answered = set()
    async with client_of(app, issuer, "compliance", subject="e-maker") as client:
        for method, path in asked:
            for identifier in (str(row.lead_id), str(uuid4()), "none"):
                for body in bodies:
                    answer = await client.request(method, path.format(lead_id=identifier), **body)
                    answered.add(answer.status_code)
    tracing.flush()
    assert answered >= {200, 201, 404, 409, 422}, "of every kind of answer"
    assert (metrics.render(), logs.getvalue(), exporter.get_finished_spans()) == (before, "", ())
    async with client_of(app, issuer, "operator", subject="e-operator") as client:
        for method, path in asked:
            assert (await client.request(method, path.format(lead_id=row.lead_id))).status_code == 403
    tracing.flush()
    seen = logs.getvalue() + metrics.render().decode() + "".join(one.to_json() for one in exporter.get_finished_spans())
    assert "abnormal" not in seen
    assert seen.count('"event": "request"') == len(exporter.get_finished_spans()) == len(asked)
    assert 'route="none",service="churn-alert",status="403"' in seen


async def test_what_was_refused_there_is_listed_to_nobody_else(service: Delivering, issuer: TestIssuer) -> None:
    app = api_of(service.runtime)
    async with client_of(app, issuer, "compliance", subject="e-maker") as client:
        path = f"/abnormal-activities/{uuid4()}/dismissal"
        assert (await client.post(path, json={"reason": "explained", "surprise": 1})).status_code == 422
        listed = (await client.get("/catalogue/refused-fields")).json()["fields"]
        assert [one["field"] for one in listed if "abnormal" in one["topic"]] == ["surprise"]
    for role in OTHERS:
        async with client_of(app, issuer, role, subject=SUBJECTS[role]) as client:
            assert "abnormal" not in (await client.get("/catalogue/refused-fields")).text
