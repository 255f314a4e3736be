"""What dies or waits in a service is kept whole, and never in clear: a field that no contract knows can be a name."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from rapport.events.bank import AccountChanged
from rapport.events.base import Event
from rapport.ids import new_id
from rapport.messaging.partitions import partition_of
from rapport.messaging.records import RawRecord
from rapport.messaging.service import Service
from tests.services.authentication_data import CORPUS, everything_kept
from tests.support.delivering import NOON, Delivering
from tests.support.serving import Subject

MARK = "MARK-zhangsan"


class InClear(Service):
    """The broken variant: records are kept as they came."""

    def sealed(self, raw: RawRecord) -> bytes:
        return raw.pack()


def in_clear(service: Delivering) -> None:
    it = service.service
    known = (it.name, it.hears, it.partitions, it.topic_prefix, it.is_stream_time, it.seal, it.readers)
    service.runtime.transactions.service = InClear(*known)


def marked(service: Delivering) -> list[RawRecord]:
    """Of every event that the service hears a record that must die, and accounts nobody knows of, all with a name."""
    events = sorted(service.service.hears.values(), key=lambda event: event.name)
    dying = [_record(event, 0, {"full_name": MARK, event.subject: ["no token"]}) for event in events]
    waiting = {"full_name": MARK, "as_of": NOON.isoformat()}
    return dying + [_record(event, 1, waiting) for event in events if event is AccountChanged]


def _record(event: type[Event], offset: int, changed: Mapping[str, Any]) -> RawRecord:
    document = json.loads((CORPUS / event.name / "v1-full.json").read_text(encoding="utf-8"))
    key = str(document[event.subject])
    told = {"ce_type": event.wire_type(), "ce_source": "core", "ce_id": str(new_id()), "ce_time": NOON.isoformat()}
    headers = [(name, cell.encode()) for name, cell in told.items()]
    value = json.dumps(document | changed).encode()
    return RawRecord(event.name, partition_of(key), offset, 1_700_000_000_000, key.encode(), value, headers)


async def deliver(service: Delivering) -> set[tuple[str, str]]:
    """What is kept after it: in which table, of which topic."""
    await Delivering(service.runtime).deliver(*marked(service))
    kept = "SELECT 'dead' AS kept, topic FROM dead_letters UNION SELECT 'parked', topic FROM parked"
    return {(row.kept, row.topic) for row in await service.rows(kept)}


@pytest.fixture
def expected(subject: Subject, service: Delivering) -> set[tuple[str, str]]:
    """An account waits for its customer in customer-profile; everywhere each topic has a dead letter."""
    parked = {("parked", "account-changed")} if subject.package == "customer_profile" else set()
    return parked | {("dead", event.name) for event in service.service.hears.values()}


async def test_no_unknown_field_of_what_dies_or_waits_lies_in_clear(
    service: Delivering, expected: set[tuple[str, str]]
) -> None:
    assert await deliver(service) == expected
    assert MARK.encode() not in await everything_kept(service)
    told = await service.rows("SELECT 1 FROM outbox WHERE topic LIKE '%.dead-letter'")
    assert len(told) == len(service.service.hears)


async def test_unsealed_it_would_be_found(service: Delivering, expected: set[tuple[str, str]]) -> None:
    in_clear(service)
    assert await deliver(service) == expected
    assert MARK.encode() in await everything_kept(service)
