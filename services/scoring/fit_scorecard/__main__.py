"""`python -m fit_scorecard --fit 101 --judge 202 7001 --customers 2000 --write`, in the project's root."""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import fit_scorecard
from fit_scorecard.banks import observed
from fit_scorecard.card import card_of
from fit_scorecard.choosing import chosen
from fit_scorecard.documents import document_of, text_of
from fit_scorecard.judging import judged
from scoring.scorecard.files import PUBLISHED


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, judge, print the card; write both files where asked to."""
    parser = argparse.ArgumentParser(prog="python -m fit_scorecard", description=fit_scorecard.__doc__)
    parser.add_argument("--fit", type=int, default=101, metavar="SEED", help="of the bank to fit on (%(default)s)")
    parser.add_argument(
        "--judge", type=int, nargs="+", default=[202, 7001], metavar="SEED", help="of the banks to judge on (202 7001)"
    )
    parser.add_argument("--customers", type=int, default=2000, metavar="N", help="of each bank (%(default)s)")
    parser.add_argument(
        "--write",
        type=Path,
        nargs="?",
        const=PUBLISHED,
        metavar="FOLDER",
        help="where to, if not to the published ones",
    )
    asked = parser.parse_args(arguments)
    seeds = " ".join(map(str, asked.judge))
    command = f"python -m fit_scorecard --fit {asked.fit} --judge {seeds} --customers {asked.customers} --write"
    bank = observed(asked.fit, asked.customers)
    with ProcessPoolExecutor() as processes:
        others = list(processes.map(partial(observed, customers=asked.customers, lifetime=bank.lifetime), asked.judge))
    fitted = chosen(bank, others)
    document = document_of(fitted, bank, _reason(asked.fit, command))
    card = card_of(document, fitted, bank, [judged(document, bank, one) for one in (bank, *others)], command)
    sys.stdout.write(card)
    if asked.write is not None:
        stem = f"{document.name}-{document.version}"
        (asked.write / f"{stem}.json").write_text(text_of(document), encoding="utf-8")
        (asked.write / f"{stem}.md").write_text(card, encoding="utf-8")


def _reason(seed: int, command: str) -> str:
    return (
        f"First scorecard of a Chinese retail bank, fitted on what the customers of simulated bank {seed} contributed"
        f" in the 12 months after they were scored: {command}. The card beside it says how it fares."
    )


if __name__ == "__main__":
    main()
