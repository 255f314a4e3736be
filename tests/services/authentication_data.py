"""Secrets, each in some field, sent to a service over both of its doors; and a search of all that it keeps."""

import base64
import binascii
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI

from rapport.events.base import Event
from rapport.ids import new_id
from rapport.messaging.partitions import partition_of
from rapport.messaging.records import RawRecord
from tests.customer_profile.adapter.cores import FINERACT, LEGACY, RawFeed, fineract_json, history, legacy_line
from tests.shared.privacy.authentication_data.samples import Sample
from tests.support.delivering import NOON, Delivering

CORPUS = Path(__file__).parents[1] / "contract" / "corpus"
Place = tuple[str | int, ...]


def places_of(document: Any, place: Place = ()) -> Iterator[Place]:
    """Where a document has values."""
    if isinstance(document, dict | list):
        for name, part in document.items() if isinstance(document, dict) else enumerate(document):
            yield from places_of(part, (*place, name))
    else:
        yield place


def with_value(document: Any, place: Place, value: Any) -> Any:
    """The same document with another value there; a place that is not there yet is made."""
    if not place:
        return value
    step, *rest = place
    if isinstance(document, list):
        return [with_value(part, tuple(rest), value) if at == step else part for at, part in enumerate(document)]
    return {**document, step: with_value(document.get(step, {}), tuple(rest), value)}


def records(service: Delivering, samples: Sequence[Sample]) -> Iterator[RawRecord]:
    """Each sample in a record of a topic that the service hears: in one of its fields, an unknown one, the key or a
    header; one in ten of the records is no JSON.
    """
    heard = sorted(service.service.hears.values(), key=lambda event: event.name)
    offsets = Counter[tuple[str, int]]()
    for number, sample in enumerate(samples):
        event = heard[number % len(heard)]
        document = json.loads((CORPUS / event.name / "v1-full.json").read_text(encoding="utf-8"))
        places = [*places_of(document), ("nickname",), ("extra", "deep"), (sample.text,)]
        changed = with_value(document, places[number // len(heard) % len(places)], sample.text)
        raw = _record(event, document, changed, sample, number)
        raw.offset = offsets[raw.topic, raw.partition]
        offsets[raw.topic, raw.partition] += 1
        yield raw


def raw_records(samples: Sequence[Sample]) -> Iterator[RawRecord]:
    """Each sample in records of two raw topics: in a column, in a field that a mapping names or none, as a name, and in
    the key.
    """
    feed, legacy, fineract = RawFeed(), history("legacy", ["1", "2"]), history("fineract", ["1", "2"])
    for number, sample in enumerate(samples):
        cells = legacy_line(legacy[number]).decode().split(";")
        cells[number % len(cells)] = sample.text
        yield feed.record(LEGACY, "1", ";".join(cells).encode())
        document = json.loads(fineract_json(fineract[number]))
        places = [*places_of(document), ("data", "nickname"), ("extra", "deep"), (sample.text,)]
        # From the end, so that those no mapping names are among few samples too.
        place = places[-1 - number % len(places)]
        yield feed.record(FINERACT, "1", json.dumps(with_value(document, place, sample.text)).encode())
        yield feed.record(FINERACT, sample.text, json.dumps(document).encode())


def _record(event: type[Event], document: Any, changed: Any, sample: Sample, number: int) -> RawRecord:
    key = str(document[event.subject]).encode()
    headers = {"ce_type": event.wire_type(), "ce_source": "core", "ce_id": str(new_id()), "ce_time": NOON.isoformat()}
    value = json.dumps(changed, ensure_ascii=number % 3 == 0).encode()
    match number % 20:
        case 0 | 1:
            value = value[:-1] + b","
        case 2:
            key, value = sample.text.encode(), json.dumps(document).encode()
        case 3:
            headers, value = {**headers, "ce_source": sample.text}, json.dumps(document).encode()
    packed = [(name, cell.encode()) for name, cell in headers.items()]
    return RawRecord(event.name, partition_of(key.decode()), 0, 1_700_000_000_000, key, value, packed)


def requests(app: FastAPI, samples: Sequence[Sample]) -> Iterator[dict[str, Any]]:
    """Each sample in a request of one of the operations: in its body, a query, the path or the key of repeats."""
    document = app.openapi()
    operations = [
        (method, path, _body(operation, document["components"]["schemas"]))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if not path.startswith("/health/")
    ]
    writes = [one for one in operations if one[0] != "get"]
    for number, sample in enumerate(samples):
        among = operations if number % 10 == 0 else writes
        method, path, body = among[number // 10 % len(among)]
        yield _request(method, path, body, sample.text, number)


def _request(method: str, path: str, body: Any, secret: str, number: int) -> dict[str, Any]:
    asked: dict[str, Any] = {"method": method.upper(), "url": re.sub(r"\{[^}]*\}", _IDENTIFIER, path), "json": body}
    if number % 10 == 0 or body is None:
        return {**asked, "params": {"cursor": secret}}
    if number % 10 == 1 and "{" in path:
        return {**asked, "url": path[: path.index("{")] + quote(secret, safe="") + path[path.index("}") + 1 :]}
    if number % 10 == 2 and secret.isascii() and " " not in secret:
        return {**asked, "headers": {"Idempotency-Key": secret}}
    places = [*places_of(body), ("surprise",), ("surprise", "deep"), (secret,)]
    return {**asked, "json": with_value(body, places[number // 10 % len(places)], secret)}


_IDENTIFIER = "00000000-0000-7000-8000-000000000000"


def _body(operation: dict[str, Any], schemas: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    schema = schemas.get(content["schema"].get("$ref", "").rpartition("/")[2], content["schema"])
    found = content.get("example") or next(iter(schema.get("examples", [])), None)
    return found if isinstance(found, dict) else dict.fromkeys(schema.get("properties", {}), "x")


async def everything_kept(service: Delivering) -> bytes:
    """All rows of all tables as a dump of the database shows them, and what their bytes are when they are unpacked."""
    names = await service.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    kept = []
    for (name,) in names:
        kept += [row.whole for row in await service.rows(f"SELECT t::text AS whole FROM {name} t")]
    return b"\n".join(_revealed("\n".join(kept).encode()))


def _revealed(content: bytes, layers: int = 4) -> Iterator[bytes]:
    """Bytes, and what they are as hex, base64 or escapes of JSON, layer below layer."""
    yield content
    if not layers:
        return
    inner: list[bytes] = []
    for match in re.finditer(rb"\\x((?:[0-9a-f]{2}){8,})", content):
        inner.append(binascii.unhexlify(match[1]))
    for match in re.finditer(rb"[A-Za-z0-9+/]{12,}={0,2}", content):
        if len(match[0]) % 4 == 0:
            inner.append(base64.b64decode(match[0]))
    if b"\\u" in content:
        inner.append(re.sub(rb"\\+u([0-9a-f]{4})", _sign, content))
    if inner:
        yield from _revealed(b"\n".join(inner), layers - 1)


def _sign(escape: re.Match[bytes]) -> bytes:
    return chr(int(escape[1], 16)).encode("utf-8", "replace")


def found_in(kept: bytes, samples: Sequence[Sample]) -> list[Sample]:
    """The samples of which the secret is there."""
    return [sample for sample in samples if sample.secret.encode() in kept]
