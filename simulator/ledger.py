"""The bank's own book of what it published: for recomputing in SQL what the services must have arrived at.

One line for each fact about a customer, once, however often it was sent; bad input is left out unless the contract has
it applied. Nothing here goes through the code of a service.
"""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from rapport.events.bank import TransactionRecorded
from rapport.events.money import minor_units
from simulator.malformed import FATES
from simulator.trouble import DUPLICATE, LATE
from simulator.wire import Record, header, wire_time

COLUMNS = (
    "event_id", "source", "event", "customer_id", "occurred_at",
    "account_id", "amount_minor", "currency", "direction", "initiator", "kind",
)  # fmt: skip
_TRANSACTION = TransactionRecorded.wire_type()


def counts(record: Record) -> bool:
    """Whether a record is a fact that must have an effect, the first time it is sent."""
    if record.key is None or record.trouble == DUPLICATE:
        return False
    return record.trouble in (None, LATE) or FATES.get(record.trouble) == "applied"


class Ledger:
    """A CSV file that grows as records are acknowledged by Kafka; PostgreSQL's COPY reads it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(COLUMNS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def book(self, records: Iterable[Record]) -> None:
        """Write down what was acknowledged."""
        self._writer.writerows(_line(record) for record in records if counts(record) and _about_customer(record))
        self._file.flush()


def _about_customer(record: Record) -> bool:
    return b'"customer_id":' in record.value


def _line(record: Record) -> tuple[object, ...]:
    """The columns; a fact that is no transaction leaves the last six empty."""
    identifier, source, event = (_text(record, name) for name in ("ce_id", "ce_source", "ce_type"))
    key = (record.key or b"").decode()
    head = (identifier, source, event, key, wire_time(record.time_ms))
    if event != _TRANSACTION:
        return (*head, *[None] * 6)
    data = json.loads(record.value)
    minor = minor_units(data["amount"], data["currency"])
    return (*head, data["account_id"], minor, data["currency"], data["direction"], data["initiator"], data["kind"])


def _text(record: Record, name: str) -> str:
    return (header(record, name) or b"").decode()
