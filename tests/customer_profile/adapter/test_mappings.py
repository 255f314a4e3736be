"""A mapping is data: every fault of it is told at once, and what it maps comes back as what was written."""

import json
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_profile.adapter.domain.converting import Unfit, decimal_of
from customer_profile.adapter.domain.mapping import apply, day_end
from customer_profile.adapter.mappings import EXAMPLES, MappingInvalid, read_adapters, read_folder, read_mapping
from customer_profile.adapter.records import RawReader
from customer_profile.adapter.tokens import NumberTokens
from rapport.messaging.records import RawRecord
from tests.customer_profile.adapter.cores import (
    FINERACT,
    KEY,
    LEGACY,
    OF_FINERACT,
    OF_LEGACY,
    PAYMENTS,
    TERMINALS,
    ZONE,
    Booking,
    fineract_json,
    legacy_line,
    told_of,
)

READERS = {adapter.topic: RawReader(adapter) for adapter in read_folder(EXAMPLES, KEY)}
GOOD: dict[str, Any] = json.loads((EXAMPLES / "legacy-postings.json").read_text())


def faults_of(**changes: Any) -> list[str]:
    content = deepcopy(GOOD)
    for place, value in changes.items():
        part = content
        *outer, last = place.split("__")
        for step in outer:
            part = part[step]
        if value is None:
            del part[last]
        else:
            part[last] = value
    with pytest.raises(MappingInvalid) as refusal:
        read_mapping(content, KEY)
    return [line.strip() for line in str(refusal.value).splitlines()]


def test_every_fault_of_a_document_is_told_at_once_with_its_place_and_what_there_is() -> None:
    faults = faults_of(
        zone="Asia/Peking",
        colour="red",
        fields__iban={"path": "account"},
        fields__currency=None,
        fields__occurred_at={"path": "booked_when", "as": "moment"},
        fields__direction={"path": "amount", "as": "sign", "codes": {"+": "kredit"}},
        fields__account_id={"path": "account"},
        fields__kind={"path": "type", "value": "x"},
        reversal__of={"path": "original", "as": "date"},
    )
    wanted = {
        "zone": "time zone",
        "colour": "Extra inputs",
        "fields.iban": "is no field of transaction-recorded; there are account_id, amount,",
        "fields.currency": "needs it and nothing maps it",
        "fields.occurred_at: as": "'moment' is no conversion; there are text, token,",
        "fields.occurred_at: path": "'booked_when' is no column",
        "fields.direction.codes.+": "'credit' or 'debit'",
        "fields.account_id.as": "own number never leaves",
        "fields.kind": "either a path or a value",
        "reversal.of: path": "'original' is no column",
        "reversal.of.as": "compared with the numbers of postings",
    }
    for place, words in wanted.items():
        assert any(fault.startswith(place) and words in fault for fault in faults), (place, faults)
    assert len(faults) == len(wanted)


@pytest.mark.parametrize("topic", ["transaction-recorded", "customer-recorded", "consent-changed"])
def test_a_topic_of_the_contract_is_not_read_by_a_mapping(topic: str) -> None:
    assert faults_of(topic=topic) == ["topic: is one of the contract's own, whose records need no mapping"]


@pytest.mark.parametrize("content", [[], None, "x", {}, {"fields": 3, "reversal": [], "only": 1, "columns": {}}])
def test_whatever_is_no_mapping_is_refused_with_words(content: Any) -> None:
    with pytest.raises(MappingInvalid):
        read_mapping(content, KEY)


def test_a_folder_tells_the_faults_of_all_its_files_and_two_that_read_one_topic(tmp_path: Path) -> None:
    for name, change in (("a", {}), ("b", {}), ("c", {"version": 0}), ("d", {"zone": "Mars"})):
        (tmp_path / f"{name}.json").write_text(json.dumps(GOOD | change))
    (tmp_path / "e.json").write_text("{")
    with pytest.raises(MappingInvalid) as refusal:
        read_folder(tmp_path, KEY)
    text = str(refusal.value)
    assert all(part in text for part in ("c.json", "version", "d.json", "zone", "e.json", "two mappings read legacy"))
    with pytest.raises(MappingInvalid, match="TOKEN_KEY_FILE"):
        read_adapters(tmp_path, None)
    (tmp_path / "empty").mkdir()
    with pytest.raises(MappingInvalid, match="there is no"):
        read_folder(tmp_path / "empty", KEY)


MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2026, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC))
BALANCES = st.none() | st.integers(-(10**12), 10**12)


@st.composite
def bookings(draw: st.DrawFn, core: str) -> Booking:
    kinds, terminals = (OF_LEGACY, TERMINALS) if core == "legacy" else (OF_FINERACT, PAYMENTS)
    kind = draw(st.sampled_from(sorted(kinds)))
    is_credit = kind in {"deposit", "interestPosting"} if core == "fineract" else draw(st.booleans())
    return Booking(
        str(draw(st.integers(1, 10**15))),
        str(draw(st.integers(10**8, 10**18))),
        draw(st.integers(1, 10**13)) * (1 if is_credit else -1),
        kind,
        draw(MOMENTS),
        draw(st.sampled_from(list(terminals))),  # type: ignore[arg-type]
        draw(BALANCES),
    )


def read(topic: str, value: bytes) -> Any:
    foreign = READERS[topic](RawRecord(topic, 0, 0, 0, b"", value, []))
    assert foreign is not None
    assert foreign.event.faults == ()  # type: ignore[attr-defined]
    return foreign.event.fact  # type: ignore[attr-defined]


@given(bookings("legacy"))
def test_a_line_of_the_legacy_core_reads_as_what_it_was_written_from(booking: Booking) -> None:
    assert read(LEGACY, legacy_line(booking)) == told_of("legacy", booking, "unknown")


@given(bookings("fineract"))
def test_a_record_of_fineract_reads_as_what_it_was_written_from(booking: Booking) -> None:
    assert read(FINERACT, fineract_json(booking)) == told_of("fineract", booking, "unknown")


@given(st.binary(max_size=200) | st.text().map(str.encode), st.sampled_from(sorted(READERS)))
def test_reading_never_raises_whatever_the_record_is(value: bytes, topic: str) -> None:
    READERS[topic](RawRecord(topic, 0, 0, 0, None, value, []))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=True) | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["data", "id", "0"]), inner),
)


@given(JSON, st.sampled_from(["id", "amount", "currency", "date", "transactionType", "reversed", "accountNo"]))
def test_a_field_of_any_form_is_a_fault_of_that_record_and_nothing_worse(form: Any, field: str) -> None:
    booking = Booking("7", "62220", -100, "withdrawal", datetime(2026, 1, 1, tzinfo=UTC), "Cash")
    record = json.loads(fineract_json(booking))
    record["data"][field] = form
    READERS[FINERACT](RawRecord(FINERACT, 0, 0, 0, None, json.dumps(record).encode(), []))


def test_a_posting_dated_ahead_of_the_clock_is_refused() -> None:
    ahead = Booking("7", "62220", -100, "02", datetime.now(UTC) + timedelta(days=2))
    foreign = READERS[LEGACY](RawRecord(LEGACY, 0, 0, 0, None, legacy_line(ahead), []))
    assert foreign is not None and foreign.event.faults == (("record", "in-the-future"),)  # type: ignore[attr-defined]


def faults_read(value: str) -> Any:
    foreign = READERS[LEGACY](RawRecord(LEGACY, 0, 0, 2**62, None, value.encode(), []))
    assert foreign is not None
    return foreign.event.faults  # type: ignore[attr-defined]


@pytest.mark.parametrize("day", ["29991231", "99991231"])
def test_a_day_that_has_not_come_is_not_closed(day: str) -> None:
    assert faults_read(f"E;;;{day};;;;;;;") == (("record", "in-the-future"),)


@pytest.mark.parametrize("amount", ["1e999999999", "1e999999999999", "1_0", "１２", "NaN", "1 0", "0x1", "9" * 200])
def test_what_only_python_takes_for_a_number_is_none(amount: str) -> None:
    assert ("amount", "malformed") in faults_read(f"P;1;a;20260302;090000;{amount};CNY;02;ATM;;")


@pytest.mark.parametrize("original", ["1\x00", "x" * 5000, "张三"])
def test_the_number_of_what_is_taken_back_has_the_form_of_a_postings_number(original: str) -> None:
    assert faults_read(f"R;2;a;20260302;090000;12;CNY;02;ATM;;{original}") == (("reversal.of", "not-of-the-contract"),)


def test_where_a_comma_is_the_mark_a_point_is_none() -> None:
    convert = decimal_of(mark=",", implied=0)
    assert (convert("1500,25"), convert(Decimal("1.5")), convert(7)) == (Decimal("1500.25"), Decimal("1.5"), 7)
    for grouped in ("1.500", "1.500,25"):
        with pytest.raises(Unfit):
            convert(grouped)


def test_records_that_are_no_facts_for_us_are_passed_over() -> None:
    adapter = READERS[FINERACT].adapter
    hold = {"data": {"transactionType": {"code": "savingsAccountTransactionType.amountHold"}, "amount": Decimal(1)}}
    made = apply(adapter, hold)
    assert (made.fields, made.day, made.faults) == (None, None, [])


def test_a_cores_day_ends_in_its_own_zone() -> None:
    assert day_end(date(2026, 3, 2), ZONE) == datetime(2026, 3, 2, 16, tzinfo=UTC)


def test_tokens_differ_by_key_realm_and_kind_and_are_the_contracts() -> None:
    number = "6222020012345678"
    one, again = NumberTokens(KEY, "a"), NumberTokens(KEY, "a")
    assert one.account(number) == again.account(number)
    others = {
        NumberTokens(KEY[::-1], "a").account(number),
        NumberTokens(KEY, "b").account(number),
        one.account(number),
        one.customer(number),
        one.account(number + "0"),
    }
    assert len(others) == 5 and not any(number in token for token in others)
