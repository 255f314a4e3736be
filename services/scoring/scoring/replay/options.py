"""What can be asked of `python -m scoring replay`, and which of it cannot be asked together."""

import argparse
import os
from datetime import datetime
from pathlib import Path

from rapport.clock import utc_now
from rapport.service import Refused
from scoring.replay.documents import fields

_EXAMPLE = "2026-11-01T00:00+08:00"
_RESULTS = """results in the folder:
  page.html        for people: who moves from which tier to which, points, and what is at risk in a shock
  summary.json     the same in figures
  differences.csv  by customer, of those alone who come to be in another tier
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of the command line; `--help` ends with what a shock says and what the folder holds."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    shock = "".join(f"  {name:<22}{words}\n" for name, words in fields())
    parser.epilog = (
        f"a shock is a JSON document; all but its name may be missing, but it takes something:\n{shock}\n{_RESULTS}"
    )
    parser.add_argument(
        "--to", type=_moment, metavar="TIME", help=f"what was received by then, {_EXAMPLE} (default: now)"
    )
    parser.add_argument("--scorecard", type=Path, metavar="FILE", help="what if this scorecard had decided all along?")
    parser.add_argument("--shock", type=Path, metavar="FILE", help="what if this came at the end? a stress scenario")
    parser.add_argument("--archive", type=Path, metavar="FOLDER", help="read an archive instead of Kafka")
    parser.add_argument("--out", type=Path, default=Path("replay"), help="folder of the results (default: %(default)s)")
    parser.add_argument("--processes", type=_count, default=os.cpu_count(), help="at a time (default: one a core)")
    parser.add_argument(
        "--compare-live",
        action="store_true",
        help="count the customers whose live row differs, with its worker idle; not with --to, as the rows are of now",
    )


def demand_possible(asked: argparse.Namespace) -> None:
    """Raises Refused where options contradict each other."""
    if asked.compare_live and asked.to is not None:
        raise Refused("--compare-live holds the replay against the rows as they are now: leave --to out")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no time; one is, for example, {_EXAMPLE}") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} has no zone; with one it is, for example, {_EXAMPLE}")
    if moment > utc_now():
        raise argparse.ArgumentTypeError(f"{text} lies in the future, of which nothing was received yet")
    return moment


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 on")
    return int(text)
