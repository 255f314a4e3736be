"""Trouble is what was asked for: right in number and kind, added to a history that stays whole."""

import json
from collections import Counter

import pytest

from rapport.events.bank import TransactionRecorded
from rapport.messaging.decoding import decode
from rapport.messaging.records import RawRecord
from simulator.bank import Bank, Plan
from simulator.ledger import counts
from simulator.malformed import FATES, OVERSIZE, spoiled
from simulator.trouble import DUPLICATE, LATE, WITHIN, Trouble
from simulator.wire import DAY_MS, Record, header

CLASSES = {TransactionRecorded.wire_type(): TransactionRecorded}


@pytest.fixture(scope="module")
def plain() -> list[Record]:
    return list(Bank(Plan(seed=5, customers=80, months=3)).records())


@pytest.fixture(scope="module")
def troubled(plain: list[Record]) -> list[Record]:
    return list(Trouble(duplicates=0.2, late=0.02, malformed=0.01, seed=9).added_to(plain))


@pytest.fixture(scope="module")
def good(plain: list[Record]) -> Record:
    return next(record for record in plain if header(record, "ce_type") == b"transaction-recorded.v1")


def test_without_a_request_nothing_is_changed(plain: list[Record]) -> None:
    assert list(Trouble().added_to(plain)) == plain


def test_the_same_seed_gives_the_same_trouble(plain: list[Record], troubled: list[Record]) -> None:
    assert list(Trouble(duplicates=0.2, late=0.02, malformed=0.01, seed=9).added_to(plain)) == troubled


def test_the_plain_history_is_all_there(plain: list[Record], troubled: list[Record]) -> None:
    kept = [record._replace(trouble=None) for record in troubled if record.trouble in (None, LATE)]
    assert Counter(kept) == Counter(plain)


def test_duplicates_are_exact_copies_within_3000_records(plain: list[Record]) -> None:
    records = list(Trouble(duplicates=0.2).added_to(plain))
    first: dict[object, int] = {}
    copies = 0
    for place, record in enumerate(records):
        identity = header(record, "ce_source"), header(record, "ce_id")
        if record.trouble == DUPLICATE:
            copies += 1
            assert records[first[identity]] == record._replace(trouble=None)
            assert place - first[identity] <= WITHIN * 1.3  # the copies of others lie between
        else:
            first[identity] = place
    marks = sum(header(record, "ce_type") == b"day-closed.v1" for record in plain)
    assert copies == pytest.approx(0.2 * (len(plain) - marks), rel=0.1)


def test_late_records_come_up_to_a_day_late_with_their_own_time(plain: list[Record]) -> None:
    reached, late, overtaken = 0, 0, 0
    for record in Trouble(late=0.05).added_to(plain):
        if record.trouble == LATE:
            late += 1
            assert reached <= record.time_ms + DAY_MS
            overtaken += reached > record.time_ms
        else:
            assert record.time_ms >= reached
            reached = record.time_ms
    assert late > 50
    assert overtaken > 0.95 * late


def test_every_kind_of_bad_input_comes_in_turn(troubled: list[Record]) -> None:
    spoils = Counter(record.trouble for record in troubled if record.trouble not in (None, LATE, DUPLICATE))
    assert max(spoils.values()) - min(spoils.values()) <= 1
    assert set(spoils) <= set(FATES)
    assert len(spoils) >= 8


@pytest.mark.parametrize("kind", FATES)
def test_the_reader_of_the_services_treats_each_kind_as_the_contract_says(good: Record, kind: str) -> None:
    bad = spoiled(good, kind, 3)
    arrival = decode(raw(bad), CLASSES, partitions=24)
    match FATES[kind]:
        case "dead-letter" if kind == "reused-id":
            original = decode(raw(good), CLASSES, partitions=24).event
            assert original is not None
            assert arrival.event is not None
            assert arrival.event.id == original.id
            assert arrival.event.fingerprint != original.fingerprint
        case "dead-letter":
            assert arrival.fault is not None
        case "skipped":
            assert (arrival.fault, arrival.event) == (None, None)
        case "applied":
            assert arrival.event is not None


def test_only_what_must_have_an_effect_counts(good: Record) -> None:
    assert counts(good)
    assert counts(good._replace(trouble=LATE))
    assert not counts(good._replace(trouble=DUPLICATE))
    assert {kind for kind in FATES if counts(spoiled(good, kind, 0))} == {"unknown-field"}


def test_an_oversized_record_is_over_two_mebibytes_and_otherwise_whole(good: Record) -> None:
    bad = spoiled(good, "oversized", 0)
    assert len(bad.value) > OVERSIZE
    assert json.loads(bad.value)["customer_id"] == json.loads(good.value)["customer_id"]


def test_a_share_above_one_is_refused() -> None:
    with pytest.raises(ValueError, match="shares between 0 and 1"):
        Trouble(duplicates=1.2)


def raw(record: Record) -> RawRecord:
    return RawRecord(record.topic, record.partition, 0, 0, record.key, record.value, record.headers)
