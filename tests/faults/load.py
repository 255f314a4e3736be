"""The load, a process of its own: publishes until it is told to stop, and keeps a book of what Kafka acknowledged.

    python -m tests.faults.load --bootstrap 127.0.0.1:9092 --prefix t1. --book book.csv --rate 2000 --seed 7

What fails is sent again, duplicates are sent on purpose; the book holds each event once. What it holds is read off the
records as they were sent, by no code of a service.
"""

import argparse
import asyncio
import csv
import json
import signal
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from rapport.events.bank import HoldingChanged, InteractionRecorded, TransactionRecorded
from simulator.ledger import Ledger
from simulator.publisher import publish
from simulator.trouble import DUPLICATE, Trouble
from simulator.wire import Record, Wire, header
from tests.faults.people import PEOPLE

COLUMNS = (
    "event_id", "customer_id", "what", "at", "account_id", "minor", "currency", "is_credit", "is_own", "kind",
    "counterparty", "balance_after", "reverses_at", "reverses_balance", "revision", "holdings", "fact",
)  # fmt: skip
_HOLDING, _USE = HoldingChanged.wire_type(), InteractionRecorded.wire_type()
_POSTING = TransactionRecorded.wire_type()


class Book(Ledger):
    """The book: a CSV file, one line for each acknowledged event."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(COLUMNS)

    def book(self, records: Iterable[Record]) -> None:
        """Write down what was acknowledged, but no second copy."""
        self._writer.writerows(_line(record) for record in records if record.trouble != DUPLICATE)
        self._file.flush()


def _line(record: Record) -> tuple[object, ...]:
    identifier, kind, time = ((header(record, name) or b"").decode() for name in ("ce_id", "ce_type", "ce_time"))
    fact = record.value.decode()
    told = json.loads(fact)
    if kind == _HOLDING:
        held = json.dumps(_active(told["holdings"]))
        return (identifier, told["customer_id"], "holding", told["as_of"], *[None] * 10, told["revision"], held, fact)
    if kind == _USE:
        return (identifier, told["customer_id"], "use", told["occurred_at"], *[None] * 12, fact)
    if kind != _POSTING:
        return (identifier, told["customer_id"], kind.partition(".")[0], time, *[None] * 12, fact)
    return (
        identifier,
        told["customer_id"],
        "posting",
        told["occurred_at"],
        told["account_id"],
        _minor(told["amount"]),
        told["currency"],
        told["direction"] == "credit",
        told["initiator"] == "customer",
        told["kind"],
        told.get("counterparty_class"),
        _minor(told["balance_after"]) if "balance_after" in told else None,
        told["reverses"]["occurred_at"] if "reverses" in told else None,
        _minor(left) if (left := told.get("reverses", {}).get("balance_after")) else None,
        *[None] * 3,
    )


def _minor(amount: str) -> int:
    return int(amount.replace(".", ""))


def _active(holdings: Iterable[dict[str, str]]) -> dict[str, list[int]]:
    """By kind: how many, and their worth in CNY."""
    active = [held for held in holdings if held["status"] == "active"]
    products = Counter(held["kind"] for held in active)
    worth: Counter[str] = Counter()
    for held in active:
        worth[held["kind"]] += _minor(held["amount"]) if held["currency"] == "CNY" else 0
    return {kind: [products[kind], worth[kind]] for kind in products}


class Tap:
    """Lets records through until it is closed."""

    def __init__(self) -> None:
        self._open = True

    def close(self) -> None:
        self._open = False

    def through(self, records: Iterator[Record]) -> Iterator[Record]:
        while self._open:
            yield next(records)


async def _run(asked: argparse.Namespace) -> None:
    tap = Tap()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, tap.close)
    people = PEOPLE[asked.people](asked.seed, Wire(prefix=asked.prefix))
    records = Trouble(duplicates=asked.duplicates, seed=asked.seed).added_to(tap.through(people.records()))
    with Book(asked.book) as book:
        published = await publish(records, asked.bootstrap, rate=asked.rate, ledger=book)
    summary = {"published": published.total, "duplicates": published.trouble[DUPLICATE], "seconds": published.seconds}
    asked.book.with_suffix(".json").write_text(json.dumps(summary))


def main() -> None:
    """Publish until SIGTERM; then send what is due again, and wait until all is acknowledged."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--book", type=Path, required=True)
    parser.add_argument("--people", choices=PEOPLE, default="population")
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--duplicates", type=float, default=0.03)
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
