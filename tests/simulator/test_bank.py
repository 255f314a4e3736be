"""The seeded bank keeps its promises: reproducible, true to the contracts, consistent, in order of time."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from rapport.events.bank import DayClosed
from rapport.events.base import Event
from rapport.messaging.decoding import decode
from rapport.messaging.partitions import partition_of
from rapport.messaging.records import RawRecord
from simulator.bank import Bank, Plan
from simulator.bank.people import check_digit
from simulator.marks import SOURCES
from simulator.wire import Record, Wire, header, wire_time

SMALL = Plan(seed=7, customers=60, months=3)
CLASSES: dict[str, type[Event]] = {event.wire_type(): event for event in SOURCES}
MARK = DayClosed.wire_type().encode()


@pytest.fixture(scope="module")
def history() -> list[Record]:
    return list(Bank(SMALL).records())


def facts(records: Iterable[Record], name: str) -> list[dict[str, object]]:
    wanted = f"{name}.v1".encode()
    return [json.loads(record.value) for record in records if header(record, "ce_type") == wanted]


def fingerprint(records: Iterable[Record]) -> str:
    digest = hashlib.sha256()
    for record in records:
        digest.update(repr(record).encode())
    return digest.hexdigest()


def test_the_same_plan_gives_the_same_bytes(history: list[Record]) -> None:
    assert fingerprint(Bank(SMALL).records()) == fingerprint(history)


def test_another_seed_gives_another_bank_with_other_customers(history: list[Record]) -> None:
    other = list(Bank(Plan(seed=8, customers=60, months=3)).records())
    keys = {record.key for record in history if header(record, "ce_type") == b"customer-recorded.v1"}
    assert fingerprint(other) != fingerprint(history)
    assert keys.isdisjoint(record.key for record in other)


def test_a_customer_lives_the_same_life_in_a_bank_of_any_size(history: list[Record]) -> None:
    smaller = list(Bank(Plan(seed=7, customers=10, months=3)).records())
    customers = {record.key for record in smaller if header(record, "ce_type") == b"customer-recorded.v1"}
    assert len(customers) == 10
    assert [r for r in smaller if r.key in customers] == [r for r in history if r.key in customers]


def test_every_record_is_read_as_its_event_by_the_reader_of_the_services(history: list[Record]) -> None:
    seen: Counter[str] = Counter()
    for offset, record in enumerate(history):
        raw = RawRecord(record.topic, record.partition, offset, 0, record.key, record.value, record.headers)
        arrival = decode(raw, CLASSES, partitions=24)
        assert arrival.fault is None, arrival.fault
        assert arrival.time is not None
        if arrival.event is not None:
            seen[arrival.event.data.name] += 1
            assert record.topic == arrival.event.data.name
    assert set(seen) == {event.name for event in SOURCES}


def test_ids_are_unique_within_their_source(history: list[Record]) -> None:
    ids = Counter((header(record, "ce_source"), header(record, "ce_id")) for record in history)
    assert max(ids.values()) == 1


def test_time_never_runs_backwards(history: list[Record]) -> None:
    times = [record.time_ms for record in history]
    assert times == sorted(times)
    assert all(header(record, "ce_time") == wire_time(record.time_ms).encode() for record in history)


def test_every_balance_is_the_one_before_and_the_posting(history: list[Record]) -> None:
    standing = {
        str(f["account_id"]): cents(f["balance"]) for f in facts(history, "account-changed") if f["status"] == "open"
    }
    moved = set()
    for posting in facts(history, "transaction-recorded"):
        account = str(posting["account_id"])
        signed = cents(posting["amount"]) * (1 if posting["direction"] == "credit" else -1)
        standing[account] += signed
        moved.add(account)
        assert standing[account] == cents(posting["balance_after"])
    assert len(moved) > 60


def test_a_closed_account_is_empty_and_stays_silent() -> None:
    records = list(Bank(Plan(seed=3, customers=150, months=4, decliners=0.8)).records())
    closed: set[object] = set()
    for record in records:
        fact = json.loads(record.value)
        assert fact.get("account_id") not in closed
        if fact.get("status") == "closed" and "account_id" in fact:
            assert cents(fact["balance"]) == 0
            closed.add(fact["account_id"])
    assert closed


def test_each_holding_change_carries_the_next_revision(history: list[Record]) -> None:
    revisions: dict[object, int] = defaultdict(int)
    for fact in facts(history, "holding-changed"):
        revisions[fact["customer_id"]] += 1
        assert fact["revision"] == revisions[fact["customer_id"]]
    assert revisions


def test_each_day_is_closed_on_every_partition_of_every_topic(history: list[Record]) -> None:
    marks = Counter((r.topic, r.partition, json.loads(r.value)["business_date"]) for r in history if is_mark(r))
    days = [SMALL.start + timedelta(days=number) for number in range(SMALL.length + 1)]
    expected = {
        (event.name, partition, day.isoformat()) for event in SOURCES for partition in range(24) for day in days
    }
    assert set(marks) == expected
    assert set(marks.values()) == {1}


def test_nothing_follows_the_mark_of_its_day(history: list[Record]) -> None:
    closed_until = 0
    for record in history:
        if is_mark(record):
            closed_until = record.time_ms
        else:
            assert record.time_ms >= closed_until


def test_topics_take_a_prefix_and_any_number_of_partitions() -> None:
    records = list(Bank(Plan(customers=5, months=1), Wire(prefix="try.", partitions=3)).records())
    assert {record.topic for record in records} == {f"try.{event.name}" for event in SOURCES}
    assert {record.partition for record in records if is_mark(record)} == {0, 1, 2}
    assert all(r.partition == partition_of((r.key or b"").decode(), 3) for r in records if not is_mark(r))


def test_identities_have_the_right_form_and_can_belong_to_nobody(history: list[Record]) -> None:
    for fact in facts(history, "customer-recorded"):
        identity = fact["identity"]
        assert isinstance(identity, dict)
        number = identity["id_number"]
        assert len(number) == 18
        assert number[17] == check_digit(number[:17])
        assert number.startswith("71")
        assert date.fromisoformat(f"{number[6:10]}-{number[10:12]}-{number[12:14]}").year == fact["birth_year"]
        assert (int(number[16]) % 2 == 1) == (fact["gender"] == "male")
        assert identity["phone"].startswith("145")
        assert len(identity["phone"]) == 11
        assert 2 <= len(identity["full_name"]) <= 4


def test_the_check_digit_is_that_of_the_standards_own_example() -> None:
    assert check_digit("11010519491231002") == "X"


def test_an_impossible_plan_is_refused() -> None:
    for customers, months, decliners in ((0, 1, 0.1), (1, 0, 0.1), (1, 1, 1.5)):
        with pytest.raises(ValueError, match=r"at least one customer|share between 0 and 1"):
            Plan(customers=customers, months=months, decliners=decliners)


def test_a_history_ends_on_its_last_day_and_begins_a_whole_number_of_months_before() -> None:
    assert Plan(months=12, end=date(2025, 12, 31)).start == date(2025, 1, 1)
    assert Plan(months=1, end=date(2024, 2, 29)).start == date(2024, 2, 1)
    assert Plan(months=6, end=date(2025, 5, 14)).start == date(2024, 11, 15)


def is_mark(record: Record) -> bool:
    return header(record, "ce_type") == MARK


def cents(text: object) -> int:
    whole, fraction = str(text).split(".")
    assert len(fraction) == 2
    return int(whole + fraction)
