"""`python -m demo`: see `--help`."""

import argparse
import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from demo.run import Asked, run
from deploy.local.errors import StackError

_PLAIN_WIDTH = 120
"""Where there is no terminal, as in a log, lines need not be as short as a screen's."""


def main() -> int:
    """Run the demo: 0 when the accounting balances, 1 when it does not, 2 when it cannot start."""
    parser = argparse.ArgumentParser(
        prog="make demo",
        description="Start PostgreSQL, Kafka and the four services, feed them a bank's history, show what comes out.",
        epilog='With make: make demo ARGS="--customers 1000 --exit"',
    )
    parser.add_argument("--bank", choices=("simulated", "berka"), default="simulated")
    parser.add_argument("--data", type=Path, help="the folder of the Berka files (*.asc), for --bank berka")
    parser.add_argument("--customers", type=int, default=500, help="of the simulated bank (default %(default)s)")
    parser.add_argument("--months", type=int, default=12, help="of its history (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another seed is another bank (default %(default)s)")
    parser.add_argument("--rate", type=float, help="records a second (default: as fast as it goes)")
    parser.add_argument(
        "--exit", action="store_true", help="end after the summary; non-zero if the accounting does not balance"
    )
    options = parser.parse_args()
    if options.bank == "berka" and options.data is None:
        parser.error("--bank berka needs --data FOLDER (with make: make demo BANK=berka DATA=folder)")
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PLAIN_WIDTH)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asked = Asked(
        options.data if options.bank == "berka" else None,
        options.customers,
        options.months,
        options.seed,
        options.rate,
        stays=not options.exit,
    )
    try:
        return asyncio.run(run(console, asked))
    except StackError as refusal:
        print(f"demo: {refusal}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        with suppress(KeyboardInterrupt):
            console.print("\nended; everything the demo started has ended too")
        return 130


if __name__ == "__main__":
    sys.exit(main())
