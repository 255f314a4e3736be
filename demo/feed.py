"""The bank as a process of its own, so that feeding never slows the watching: one JSON line of progress at a time."""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from time import monotonic

from simulator.bank import Bank, Plan
from simulator.berka import BerkaBank, UnreadableFile
from simulator.line import Published
from simulator.publisher import publish
from simulator.truth import write_truth
from simulator.wire import Record, Wire

_EVERY_SECONDS = 0.2


class _Lines:
    def __init__(self) -> None:
        self._due = 0.0

    def __call__(self, published: Published) -> None:
        if monotonic() >= self._due:
            self._due = monotonic() + _EVERY_SECONDS
            self.print(published)

    def print(self, published: Published, *, complete: bool = False) -> None:
        """One line: how many records, the business time reached in milliseconds, whether that is all."""
        line = {"published": published.total, "time_ms": published.time_ms, "complete": complete}
        print(json.dumps(line), flush=True)


def main() -> int:
    """Publish a bank; 2 when its files cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m demo.feed", description=__doc__)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--berka", type=Path, help="the folder of the Berka files; else a simulated bank")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--customers", type=int, default=500)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--truth", type=Path, help="where to write who really declines")
    parser.add_argument("--rate", type=float)
    asked = parser.parse_args()
    lines = _Lines()
    try:
        published = asyncio.run(publish(_records(asked), asked.bootstrap, rate=asked.rate, progress=lines))
    except (UnreadableFile, OSError, ValueError) as fault:
        print(f"demo: {fault}", file=sys.stderr)
        return 2
    lines.print(published, complete=True)
    return 0


def _records(asked: argparse.Namespace) -> Iterable[Record]:
    if asked.berka:
        return BerkaBank(asked.berka, Wire()).records()
    bank = Bank(Plan(seed=asked.seed, customers=asked.customers, months=asked.months), Wire())
    if asked.truth:
        write_truth(asked.truth, bank.decliners())
    return bank.records()


if __name__ == "__main__":
    sys.exit(main())
