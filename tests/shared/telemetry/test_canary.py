"""Marked personal values go in by every way a request has; no mark comes out in a log, a metric or a span."""

import io
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from rapport.telemetry.metrics import Metrics
from rapport.telemetry.traces import Tracing
from tests.shared.web.apps import FAILURES, client, make_app
from tests.support.logged import logged
from tests.support.tokens import TestIssuer

MARKS = ("CANARY-13812341234", "张三CANARY", "canary@example.com")
HEADERS = {"Content-Type": "application/json", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    with logged("tally", role="api", level="DEBUG") as found:
        yield found


def _requests(mark: str) -> Iterator[dict[str, Any]]:
    """Requests that carry the mark in path, query, header, method, token and body."""
    order = json.dumps({"name": mark, "amount": 1})
    latin = mark.encode()
    yield {"method": "GET", "url": f"/tallies/{mark}"}
    yield {"method": "GET", "url": f"/{mark}/{mark}"}
    yield {"method": "GET", "url": "/tallies", "params": {"cursor": mark, "limit": mark, mark: mark}}
    yield {"method": "GET", "url": "/tallies/1", "headers": [(b"x-request-id", latin), (b"user-agent", latin)]}
    yield {"method": "GET", "url": "/tallies/1", "headers": [(b"authorization", b"Bearer " + latin)]}
    yield {"method": "GET", "url": "/tallies/1", "headers": [(b"traceparent", latin), (b"cookie", latin)]}
    yield {"method": "GET", "url": "/tallies/1", "headers": [(b"x-forwarded-for", latin), (b"host", latin)]}
    if mark.isascii():
        yield {"method": mark.replace("@", "").upper(), "url": "/tallies"}
    yield {"method": "POST", "url": "/tallies", "content": order}
    yield {"method": "POST", "url": "/tallies", "content": json.dumps({mark: mark, "name": [mark], "amount": mark})}
    yield {"method": "POST", "url": "/tallies", "content": order[:-1]}
    yield {"method": "POST", "url": "/tallies", "content": json.dumps(mark)}
    yield {"method": "POST", "url": "/tallies", "content": mark * 200_000}
    for kind in FAILURES:
        yield {"method": "POST", "url": f"/tallies/failures/{kind}", "content": order}
    yield {"method": "POST", "url": f"/tallies/failures/{mark}", "content": order}


async def test_no_mark_comes_out(logs: io.StringIO, issuer: TestIssuer) -> None:
    metrics, exporter = Metrics("tally"), InMemorySpanExporter()
    tracing = Tracing("tally", exporter, share=1.0)
    app = make_app(issuer, metrics=metrics, tracing=tracing)
    async with client(app, **HEADERS, **issuer.bearer("rm")) as browser:
        everything = itertools.chain.from_iterable(_requests(mark) for mark in MARKS)
        answers = [await browser.request(**asked) for asked in everything]
    for status in (200, 201, 401, 404, 409, 413, 422, 500, 503):
        assert status in {answer.status_code for answer in answers}, "the canary must be sent by every way"
    tracing.flush()
    spans = [span.to_json() for span in exporter.get_finished_spans()]
    plain = sum(answer.status_code < 400 and answer.request.method == "GET" for answer in answers)
    assert len(spans) == len(answers) == logs.getvalue().count('"event": "request"') + plain
    written = logs.getvalue() + metrics.render().decode() + "".join(spans)
    for mark in ("canary", "13812341234", "张三", json.dumps("张三")[1:-1]):
        assert mark not in written.lower()


async def test_a_mark_would_be_seen(logs: io.StringIO) -> None:
    structlog.get_logger().info("x", reason=MARKS[0])
    assert "CANARY" in logs.getvalue()


async def test_server_spans_continue_the_callers_trace_by_route(issuer: TestIssuer) -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing("tally", exporter, share=0.0)
    async with client(make_app(issuer, tracing=tracing), **HEADERS, **issuer.bearer("rm")) as browser:
        await browser.get("/tallies/7")
        await browser.post("/tallies/failures/own", content='{"name": "a", "amount": 1}')
    tracing.flush()
    shown, failed = exporter.get_finished_spans()
    assert shown.name == "GET /tallies/{number}"
    assert f"{shown.context.trace_id:032x}" == HEADERS["traceparent"].split("-")[1]
    assert dict(shown.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/tallies/{number}",
        "http.response.status_code": 200,
    }
    assert (failed.attributes or {})["error.type"] == "RuntimeError"
    assert not failed.events
