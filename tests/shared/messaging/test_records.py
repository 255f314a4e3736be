"""What may be an event: everything else is told apart, with the field at fault and without its value."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.clock import utc_now
from rapport.events.bank import TransactionRecorded
from rapport.ids import new_id
from rapport.messaging.decoding import decode, event_id
from rapport.messaging.partitions import partition_of
from rapport.messaging.records import END_OF_DAY, MAX_VALUE_BYTES, Arrival, RawRecord

CUSTOMER = "c-0001"
CLASSES = {TransactionRecorded.wire_type(): TransactionRecorded}
GOOD = {
    "source": "core",
    "transaction_no": "t-1",
    "account_id": "a-1",
    "customer_id": CUSTOMER,
    "amount": "12.30",
    "currency": "CNY",
    "direction": "debit",
    "kind": "card",
    "initiator": "customer",
    "channel": "card",
    "occurred_at": "2025-03-01T08:00:00Z",
}
ATTRIBUTES = {
    "ce_specversion": "1.0",
    "ce_id": "t-1",
    "ce_source": "core",
    "ce_type": "transaction-recorded.v1",
    "ce_time": "2025-03-01T08:00:00Z",
}


def _arrive(
    data: Any = GOOD,
    attributes: dict[str, str] | None = None,
    *,
    key: bytes | None = CUSTOMER.encode(),
    value: bytes | None = b"",
    partition: int | None = None,
) -> Arrival:
    headers = [(name, text.encode()) for name, text in (ATTRIBUTES | (attributes or {})).items() if text]
    body = json.dumps(data).encode() if value == b"" else value
    raw = RawRecord(
        "transaction-recorded", partition_of(CUSTOMER) if partition is None else partition, 7, 1, key, body, headers
    )
    return decode(raw, CLASSES, partitions=24)


def test_a_good_record_becomes_an_event_with_its_business_time() -> None:
    arrival = _arrive()
    assert arrival.fault is None and arrival.event is not None
    assert arrival.event.data.minor == 1230
    assert arrival.event.time == datetime(2025, 3, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", True),
        ("13812341234", False),
        ("00-00000000000000000000000000000000-b7ad6b7169203331-01", False),
        ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", False),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-13812341234", False),
    ],
)
def test_only_a_traceparent_of_the_standards_form_goes_into_what_an_event_causes(given: str, *, kept: bool) -> None:
    arrival = _arrive(attributes={"traceparent": given})
    assert arrival.event is not None
    assert arrival.event.traceparent == (given if kept else None)


def test_a_structured_cloudevent_is_read_as_well() -> None:
    document = {name[3:]: text for name, text in ATTRIBUTES.items()} | {"data": GOOD}
    raw = RawRecord(
        "transaction-recorded",
        partition_of(CUSTOMER),
        7,
        1,
        CUSTOMER.encode(),
        json.dumps(document).encode(),
        [("content-type", b"application/cloudevents+json; charset=UTF-8")],
    )
    structured = decode(raw, CLASSES, partitions=24).event
    binary = _arrive().event
    assert structured is not None and binary is not None
    assert (structured.id, structured.fingerprint) == (binary.id, binary.fingerprint)


FUTURE = (utc_now() + timedelta(days=2)).isoformat()
YEARS_AHEAD = {"transaction_no": "t-0", "amount": "12.30", "occurred_at": "9999-12-31T00:00:00Z"}
BAD = {
    "malformed JSON": ({"value": b'{"amount": '}, "data"),
    "a JSON list": ({"data": [1]}, "data"),
    "a missing field": ({"data": {k: v for k, v in GOOD.items() if k != "kind"}}, "kind"),
    "an amount that is NaN": ({"value": json.dumps(GOOD).replace('"12.30"', "NaN").encode()}, "amount"),
    "an amount that says NaN": ({"data": GOOD | {"amount": "NaN"}}, "amount"),
    "a negative amount": ({"data": GOOD | {"amount": "-1.00"}}, "amount"),
    "an amount as a number": ({"data": GOOD | {"amount": 12.3}}, "amount"),
    "too many digits for the yuan": ({"data": GOOD | {"amount": "1.001"}}, "amount"),
    "any digits for the yen": ({"data": GOOD | {"amount": "1.5", "currency": "JPY"}}, "amount"),
    "an unknown currency": ({"data": GOOD | {"currency": "XYZ"}}, "currency"),
    "a time in the future": ({"attributes": {"ce_time": FUTURE}}, "ce_time"),
    "an occurrence in the future": ({"data": GOOD | {"occurred_at": FUTURE}}, "occurred_at"),
    "a time without a zone": ({"attributes": {"ce_time": "2025-03-01T08:00:00"}}, "ce_time"),
    "what is taken back, years ahead": ({"data": GOOD | {"reverses": YEARS_AHEAD}}, "reverses.occurred_at"),
    "an occurrence without a zone": ({"data": GOOD | {"occurred_at": "2025-03-01T08:00:00"}}, "occurred_at"),
    "a time that PostgreSQL reads back as infinite": ({"attributes": {"ce_time": "0001-01-01T00:00:00Z"}}, "ce_time"),
    "an occurrence before all clocks": ({"data": GOOD | {"occurred_at": "1899-12-31T23:59:59Z"}}, "occurred_at"),
    "an occurrence at the end of all calendars": (
        {"data": GOOD | {"occurred_at": "9999-12-31T23:59:59.999999Z"}},
        "occurred_at",
    ),
    "no time": ({"attributes": {"ce_time": ""}}, "ce_time"),
    "no id": ({"attributes": {"ce_id": ""}}, "ce_id"),
    "no type": ({"attributes": {"ce_type": ""}}, "ce_type"),
    "no key": ({"key": None}, "key"),
    "a key that differs from the customer": ({"key": b"c-0002"}, "key"),
    "a key that is not text": ({"key": b"\xff\xfe"}, "record"),
    "a partition that another hash chose": ({"partition": (partition_of(CUSTOMER) + 1) % 24}, "partition"),
    "two mebibytes": ({"value": b"x" * (2 * MAX_VALUE_BYTES)}, "record"),
    "a customer id with blanks": ({"data": GOOD | {"customer_id": "zhang san"}}, "customer_id"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_a_fault_that_names_the_field(name: str) -> None:
    arguments, field = BAD[name]
    arrival = _arrive(**arguments)
    assert arrival.event is None
    assert arrival.fault is not None and field in arrival.fault


@pytest.mark.parametrize("name", BAD)
def test_a_fault_never_repeats_a_value(name: str) -> None:
    arguments, _ = BAD[name]
    fault = _arrive(**arguments).fault or ""
    assert "zhang" not in fault and "12.3" not in fault and "c-0002" not in fault


@pytest.mark.parametrize("kind", ["transaction-recorded.v9", "moon-landed.v1"])
def test_an_unknown_kind_or_version_is_skipped_as_the_contract_says(kind: str) -> None:
    arrival = _arrive(attributes={"ce_type": kind})
    assert arrival.event is None and arrival.fault is None


def test_an_unknown_field_is_ignored_as_the_contract_says() -> None:
    assert _arrive(GOOD | {"shoe_size": 44}).event is not None


def test_a_tombstone_is_skipped() -> None:
    arrival = _arrive(value=None)
    assert arrival.event is None and arrival.fault is None


def test_an_end_of_day_mark_is_skipped_and_its_time_counts() -> None:
    arrival = _arrive(attributes={"ce_type": END_OF_DAY}, key=b"core")
    assert arrival.event is None and arrival.fault is None
    assert arrival.time == datetime(2025, 3, 1, 8, tzinfo=UTC)


def test_our_own_id_is_kept_and_a_foreign_one_is_a_function_of_time_source_and_id() -> None:
    ours, moment = new_id(), datetime(2025, 3, 1, tzinfo=UTC)
    assert event_id("rapport/scoring", str(ours), moment) == ours
    foreign = event_id("core", "t-1", moment)
    assert foreign == event_id("core", "t-1", moment) and foreign.version == 8
    assert foreign != event_id("other", "t-1", moment)
    assert event_id("core", "t-1", moment + timedelta(days=1)) > foreign


def test_an_event_that_another_release_remembered_is_known_by_the_same_id_and_fingerprint() -> None:
    event = _arrive().event
    assert event is not None
    assert str(event.id) == "019550b8-2400-882f-abcb-4ab816278e40"
    assert event.fingerprint.hex() == "96596caefee1b450e423d50a82c770ed"


def test_the_order_of_json_fields_does_not_make_it_another_event() -> None:
    turned = dict(reversed(GOOD.items()))
    first, second = _arrive(GOOD).event, _arrive(turned).event
    assert first is not None and second is not None and first.fingerprint == second.fingerprint


@given(st.binary(max_size=200), st.one_of(st.none(), st.binary(max_size=20)), st.dictionaries(st.text(), st.binary()))
def test_no_record_whatever_makes_decoding_raise(value: bytes, key: bytes | None, headers: dict[str, bytes]) -> None:
    known = [("ce_type", b"transaction-recorded.v1"), ("ce_time", b"2025-01-01T00:00:00Z"), ("ce_id", b"1")]
    raw = RawRecord("t", 0, 0, 0, key, value, [*known, *headers.items()])
    assert decode(raw, CLASSES, partitions=24).event is None


@given(
    st.one_of(st.none(), st.binary()), st.one_of(st.none(), st.binary()), st.lists(st.tuples(st.text(), st.binary()))
)
def test_a_kept_record_comes_back_whole(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]
) -> None:
    raw = RawRecord("topic", 3, 9, 1234, key, value, headers)
    assert RawRecord.unpack(raw.pack()) == raw
