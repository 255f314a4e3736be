"""Personal values that must come out nowhere, and every way they could go in."""

import json
from collections.abc import Iterator
from typing import Any

from rapport.messaging.records import RawRecord
from tests.customer_profile.facts import HOUR, MONDAY, ZHANG, customer, record
from tests.support.delivering import Delivering

MARKED = ZHANG.model_copy(
    update={
        "full_name": "欧阳金丝雀",
        "id_number": "110101197707078880",
        "phone": "13987654321",
        "email": "canary.bird@example.org",
        "address": "上海市浦东新区金丝雀路77号",
    }
)
MARKS = ("欧阳金丝雀", "金丝雀路", "110101197707078880", "13987654321", "canary.bird")
NEW: dict[str, Any] = {
    "customer_id": "c-marked",
    "identity": MARKED.model_dump(),
    "birth_year": 1977,
    "unit": "B0017",
    "customer_since": "2021-04-12",
}
_FIELDS = (
    "type",
    "birth_year",
    "gender",
    "unit",
    "region",
    "relationship_manager",
    "customer_since",
    "status",
    "identity",
)


def needles() -> set[bytes]:
    """The marks in every form they could lie in: UTF-8, JSON escapes, bytes packed as Latin-1 JSON, and hex of each."""
    plain = set()
    for mark in MARKS:
        encoded = mark.encode()
        plain |= {encoded, json.dumps(mark)[1:-1].encode(), json.dumps(encoded.decode("latin-1"))[1:-1].encode()}
    return plain | {form.hex().encode() for form in plain}


def requests() -> Iterator[dict[str, Any]]:
    """Requests that carry marks in body, path, query and header, well-formed and not."""
    yield {"method": "POST", "url": "/customers", "json": NEW}
    yield {"method": "POST", "url": "/customers", "json": NEW}
    yield {
        "method": "POST",
        "url": "/customers",
        "json": NEW | {"customer_id": "c-again"},
        "headers": {"Idempotency-Key": "1"},
    }
    for mark in (*MARKED.model_dump().values(), "A" * 70 + MARKED.id_number):
        for field in (*_FIELDS, "customer_id", "surprise"):
            yield {
                "method": "POST",
                "url": "/customers",
                "json": NEW | {"customer_id": f"c-{field}", field: {"x": mark}},
            }
        for field in MARKED.model_dump():
            wrong = {"identity": MARKED.model_dump() | {field: [mark]}}
            yield {"method": "POST", "url": "/customers", "json": NEW | {"customer_id": f"c-{field}"} | wrong}
            yield {"method": "PATCH", "url": "/customers/c-marked", "json": {"identity": {field: {"x": mark}}}}
        yield {"method": "PATCH", "url": "/customers/c-marked", "json": {"unit": [mark], "surprise": mark}}
        yield {"method": "POST", "url": "/customers", "content": json.dumps(NEW)[:-1]}
        yield {"method": "POST", "url": "/customers", "json": mark}
        yield {"method": "POST", "url": "/customers", "json": NEW | {mark: 1}}
        for path in ("", "/accounts", "/changes", "/consents", "/consents/history", "/contacts"):
            yield {"method": "GET", "url": f"/customers/{mark}{path}"}
        yield from _acts(mark)
        yield from _merges(mark)
        for name in ("unit", "relationship_manager", "status", "type", "cursor", "limit", mark):
            yield {"method": "GET", "url": "/customers", "params": {name: mark}}
        raw = mark.encode()
        for header in (
            b"x-request-id",
            b"if-match",
            b"idempotency-key",
            b"traceparent",
            b"user-agent",
            b"authorization",
        ):
            yield {"method": "PATCH", "url": "/customers/c-404", "json": {"unit": "B2"}, "headers": [(header, raw)]}
    yield {"method": "PATCH", "url": "/customers/c-marked", "json": {"identity": MARKED.model_dump() | {"email": None}}}
    yield {"method": "PATCH", "url": "/customers/c-marked", "json": {"identity": {"email": MARKED.email}}}
    yield from corrections()
    yield from look_ups()
    for path in ("", "/c-marked", "/c-marked/accounts", "/c-marked/changes"):
        yield {"method": "GET", "url": f"/customers{path}"}


def _acts(mark: str) -> Iterator[dict[str, Any]]:
    for field in ("purpose", "act", "channel", "notice_version", "evidence_digest", "occurred_at", mark):
        act = {"purpose": "marketing-sms", "act": "granted", "channel": "web", field: mark}
        yield {"method": "POST", "url": "/customers/c-marked/consents", "json": act}


def _merges(mark: str) -> Iterator[dict[str, Any]]:
    merge = {"survivor": "c-marked", "merged": "c-404", "reason": "same-paper"}
    for field in ("survivor", "merged", "reason", "evidence", mark):
        yield {"method": "POST", "url": "/merges", "json": merge | {field: mark}}
    yield {"method": "POST", "url": "/merges", "json": merge | {"evidence": {"kind": mark, "digest": mark}}}
    for name in ("state", "customer_id", "cursor", mark):
        yield {"method": "GET", "url": "/merges", "params": {name: mark}}
    yield {"method": "GET", "url": f"/merges/{mark}"}


def corrections() -> Iterator[dict[str, Any]]:
    """Requests that ask for marks to be put on a file, and are read again."""
    paper = {"channel": "branch", "evidence_digest": "0" * 64}
    whole = {"method": "POST", "url": "/customers/c-marked/corrections"}
    yield whole | {"json": paper | {"identity": {"email": MARKED.full_name + "@x", "phone": MARKED.phone}}}
    asked = paper | {"identity": MARKED.model_dump() | {"email": "other@example.org"}}
    yield whole | {"json": asked, "headers": {"Idempotency-Key": "whole"}}
    yield whole | {"json": paper | {"identity": {"email": "other@example.org"}}, "headers": {"Idempotency-Key": "c"}}
    for mark in MARKED.model_dump().values():
        for wrong in ({"identity": {"phone": [mark]}}, {"gender": mark}, {"channel": mark}, {mark: 1}):
            yield whole | {"json": paper | wrong}
        yield {"method": "GET", "url": "/corrections", "params": {"customer_id": mark}}
        yield {"method": "GET", "url": f"/corrections/{mark}"}
        yield {"method": "POST", "url": f"/corrections/{mark}/decision", "json": {"outcome": mark}}
    yield {"method": "GET", "url": "/corrections"}


def look_ups() -> Iterator[dict[str, Any]]:
    """Requests that look for marks."""
    for kind, mark in (("id-number", MARKED.id_number), ("phone", MARKED.phone), ("phone", MARKED.full_name)):
        asked = {"kind": kind, "number": mark, "purpose": "service"}
        yield {"method": "POST", "url": "/customers/look-up", "json": asked}
        yield {"method": "POST", "url": "/customers/look-up", "json": asked, "headers": {"Idempotency-Key": kind}}
        yield {"method": "POST", "url": "/customers/look-up", "json": asked | {"purpose": mark}}
        yield {"method": "POST", "url": "/customers/look-up", "json": asked | {"kind": mark, mark or "": 1}}


def records(service: Delivering) -> Iterator[RawRecord]:
    """Records of `customer-recorded` that carry marks in data, key and headers: one good one, the rest not."""
    marked = customer("c-event", identity=MARKED)
    yield record(service, marked)
    later = customer("c-event", identity=MARKED, unit="B2", recorded_at=MONDAY + HOUR)
    yield record(service, later, headers={"traceparent": MARKED.phone or ""}, data={"nickname": MARKED.full_name})
    for mark in (MARKED.full_name, MARKED.id_number, MARKED.email or ""):
        for field in (*_FIELDS, "recorded_at"):
            yield record(service, marked, data={field: {"x": mark}})
        for field in MARKED.model_dump():
            yield record(service, marked, data={"identity": MARKED.model_dump() | {field: [mark]}})
        for header in ("ce_id", "ce_time", "ce_source", "ce_type"):
            yield record(service, marked, headers={header: mark}, data={"identity": None, "unit": [mark]})
        keyed = record(service, marked)
        keyed.key = mark.encode()
        yield keyed
    whole = json.dumps(marked.model_dump(mode="json"), ensure_ascii=False).encode()
    for value in (whole[:-1], b"[" + whole + b"]", whole.replace(b'"full_name"', b'"full_name'), b"\xff" + whole):
        broken = record(service, marked)
        broken.value = value
        yield broken
    too_late = record(service, customer("c-event", identity=MARKED, recorded_at=MONDAY.replace(year=2200)), time=MONDAY)
    yield too_late
