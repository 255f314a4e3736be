"""What a bank sets right, as it lies in a record: a posting taken back, or one booked late and dated back."""

import json

from rapport.events.bank import TransactionRecorded
from simulator.wire import Record, header, wire_time

_POSTING = TransactionRecorded.wire_type().encode()


def takes_back(record: Record) -> bool:
    """Does it take back a posting, with the balance that had left?"""
    return _is_posting(record) and "balance_after" in json.loads(record.value).get("reverses", {})


def is_dated_back(record: Record) -> bool:
    """Is it a posting dated a day or more before it was told?"""
    return _is_posting(record) and json.loads(record.value)["occurred_at"] <= wire_time(record.time_ms - 86_400_000)


def _is_posting(record: Record) -> bool:
    return header(record, "ce_type") == _POSTING
