"""The command line: `python -m simulator --help`."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from aiokafka.errors import KafkaError

from simulator.bank import Bank, Plan
from simulator.berka import BerkaBank, UnreadableFile
from simulator.ledger import Ledger
from simulator.line import Published
from simulator.publisher import publish
from simulator.screen import shown, summary
from simulator.tracing import traced
from simulator.trouble import Trouble
from simulator.truth import write_planted, write_truth
from simulator.wire import Record, Wire


def _arguments() -> argparse.ArgumentParser:
    what = "A stand-in core bank: publishes the history of a seeded bank, or of the Berka files, to Kafka."
    parser = argparse.ArgumentParser(prog="python -m simulator", description=what)
    parser.add_argument("--bootstrap", default="127.0.0.1:9092", help="Kafka's address (default %(default)s)")
    parser.add_argument("--topics-prefix", default="", help="put before every topic's name (default none)")
    parser.add_argument("--partitions", type=int, default=24, help="of every topic (default %(default)s)")
    parser.add_argument("--rate", type=float, help="records a second (default: as fast as Kafka takes them)")
    parser.add_argument(
        "--traced", type=float, default=0.001, help="share of the transactions that begin a trace (default %(default)s)"
    )
    parser.add_argument("--ledger", type=Path, help="write what was published as CSV, for recomputing in SQL")

    bank = parser.add_argument_group("the bank")
    bank.add_argument("--bank", choices=("simulated", "berka"), default="simulated")
    bank.add_argument("--data", type=Path, help="the folder of the Berka files")
    bank.add_argument("--seed", type=int, default=1)
    bank.add_argument("--customers", type=int, default=2000, help="(default %(default)s)")
    bank.add_argument("--months", type=int, default=12, help="of history (default %(default)s)")
    bank.add_argument(
        "--end", type=date.fromisoformat, default=date(2025, 12, 31), help="last day (default %(default)s)"
    )
    bank.add_argument("--decliners", type=float, default=0.08, help="share of the customers (default %(default)s)")
    bank.add_argument("--truth", type=Path, help="write who really declines as CSV; no service may read it")
    bank.add_argument("--abnormal", type=float, default=0.0, help="share that does something abnormal (default none)")
    bank.add_argument("--abnormal-truth", type=Path, help="write who does, when and what, as CSV")

    trouble = parser.add_argument_group("trouble, as shares of the records")
    trouble.add_argument("--duplicates", type=float, default=0.0, help="sent again within 3,000 records")
    trouble.add_argument("--late", type=float, default=0.0, help="published up to 24 hours of business time late")
    trouble.add_argument("--malformed", type=float, default=0.0, help="of the transactions, followed by a spoiled twin")
    return parser


def main() -> int:
    """Publish, and say what was published; 2 for a fault of the caller's, 1 for one of Kafka's."""
    asked = _arguments().parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what matters of it is told in our own words
    try:
        records = _records(asked, Wire(prefix=asked.topics_prefix, partitions=asked.partitions))
        trouble = Trouble(asked.duplicates, asked.late, asked.malformed, asked.seed)
        records = trouble.added_to(traced(records, asked.traced, seed=asked.seed))
        published = asyncio.run(_publish(records, asked))
    except (UnreadableFile, ValueError, OSError) as fault:
        print(f"simulator: {fault}", file=sys.stderr)
        return 2
    except KafkaError as fault:
        print(f"simulator: Kafka at {asked.bootstrap} does not answer ({type(fault).__name__})", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(summary(published))
    return 0


def _records(asked: argparse.Namespace, wire: Wire) -> Iterable[Record]:
    if asked.bank == "berka":
        if asked.data is None:
            raise ValueError("--bank berka needs --data FOLDER, the folder of the Berka files")
        if asked.truth is not None:
            raise ValueError("--truth: nobody knows who declined in the Berka files; leave it out")
        return BerkaBank(asked.data, wire).records()
    bank = Bank(Plan(asked.seed, asked.customers, asked.months, asked.end, asked.decliners, asked.abnormal), wire)
    if asked.truth is not None:
        write_truth(asked.truth, bank.decliners())
    if asked.abnormal_truth is not None:
        write_planted(asked.abnormal_truth, bank.planted())
    return bank.records()


async def _publish(records: Iterable[Record], asked: argparse.Namespace) -> Published:
    with shown() as progress:
        if asked.ledger is None:
            return await publish(records, asked.bootstrap, rate=asked.rate, progress=progress)
        with Ledger(asked.ledger) as ledger:
            return await publish(records, asked.bootstrap, rate=asked.rate, progress=progress, ledger=ledger)


if __name__ == "__main__":
    sys.exit(main())
