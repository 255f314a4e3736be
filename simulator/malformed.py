"""Bad input: every way a record is known to go wrong, made from a good transaction.

Each is a record of its own with an id of its own (but for the reused id), so that only its own fate is at stake.
"""

import json
from collections.abc import Callable
from typing import Any, Literal

from simulator.wire import Header, Record

Fate = Literal["dead-letter", "skipped", "applied"]
Data = dict[str, Any]

FATES: dict[str, Fate] = {
    "malformed-json": "dead-letter",
    "missing-field": "dead-letter",
    "unknown-field": "applied",
    "unknown-version": "skipped",
    "amount-nan": "dead-letter",
    "amount-negative": "dead-letter",
    "amount-digits": "dead-letter",
    "unknown-currency": "dead-letter",
    "future-time": "dead-letter",
    "time-without-zone": "dead-letter",
    "oversized": "dead-letter",
    "no-key": "dead-letter",
    "foreign-key": "dead-letter",
    "reused-id": "dead-letter",
}
"""What the contract says of each: readers ignore fields they do not know and skip versions they do not know."""
KINDS = tuple(FATES)
OVERSIZE = 2 << 20
_FAR_FUTURE = "2999-01-01T00:00:00.000Z"

_CHANGES: dict[str, Callable[[Data], Data]] = {
    "missing-field": lambda data: {name: value for name, value in data.items() if name != "direction"},
    "unknown-field": lambda data: data | {"mood_of_the_teller": "sunny"},
    "amount-nan": lambda data: data | {"amount": "NaN"},
    "amount-negative": lambda data: data | {"amount": "-" + data["amount"]},
    "amount-digits": lambda data: data | {"amount": data["amount"].partition(".")[0] + ".125"},
    "unknown-currency": lambda data: data | {"currency": "XXQ"},
    "future-time": lambda data: data | {"occurred_at": _FAR_FUTURE},
    "time-without-zone": lambda data: data | {"occurred_at": data["occurred_at"].removesuffix("Z")},
    "oversized": lambda data: data | {"padding": "x" * OVERSIZE},
    "reused-id": lambda data: data | {"amount": _another(data["amount"])},
}


def spoiled(good: Record, kind: str, count: int) -> Record:
    """The spoiled twin of a good transaction; `count` makes its id unique."""
    record = good._replace(trouble=kind)
    if kind != "reused-id":
        record = _with_header(record, "ce_id", f"bad-{kind}-{count}".encode())
        record = _with_data(record, lambda data: data | {"transaction_no": f"B-{count}"})
    match kind:
        case "malformed-json":
            return record._replace(value=record.value[: len(record.value) // 2])
        case "unknown-version":
            return _with_header(record, "ce_type", b"transaction-recorded.v99")
        case "no-key":
            return record._replace(key=None)
        case "foreign-key":
            return _with_data(record, lambda data: data | {"customer_id": "c_somebody-else"})
        case "future-time":
            record = _with_header(record, "ce_time", _FAR_FUTURE.encode())
    return _with_data(record, _CHANGES[kind])


def _another(amount: str) -> str:
    return ("1" if amount[0] != "1" else "2") + amount[1:]


def _with_data(record: Record, change: Callable[[Data], Data]) -> Record:
    data = change(json.loads(record.value))
    return record._replace(value=json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode())


def _with_header(record: Record, name: str, value: bytes) -> Record:
    headers: tuple[Header, ...] = tuple((n, value) if n == name else (n, v) for n, v in record.headers)
    return record._replace(headers=headers)
