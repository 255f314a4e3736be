"""A trace begins in the core: some transactions carry a sampled W3C traceparent, which our services take further."""

import hashlib
from collections.abc import Iterable, Iterator
from random import Random

from rapport.events.bank import TransactionRecorded
from simulator.wire import Record, header

_TRANSACTION = TransactionRecorded.wire_type().encode()


def traced(records: Iterable[Record], share: float, *, seed: int = 1) -> Iterator[Record]:
    """The records, a share of the transactions with a trace; its ids are a function of the event's own id."""
    if not 0 <= share <= 1:
        raise ValueError("traced is a share between 0 and 1")
    rng = Random(f"traced {seed}")
    for record in records:
        if rng.random() < share and header(record, "ce_type") == _TRANSACTION:
            yield record._replace(headers=(*record.headers, ("traceparent", _traceparent(record))))
        else:
            yield record


def _traceparent(record: Record) -> bytes:
    name = b"\x1f".join((header(record, "ce_source") or b"", header(record, "ce_id") or b""))
    digest = hashlib.blake2b(name, digest_size=24).hexdigest()
    return f"00-{digest[:32]}-{digest[32:]}-01".encode()
