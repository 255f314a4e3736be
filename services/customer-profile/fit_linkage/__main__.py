"""`python -m fit_linkage --fit 101 --judge 202 7001 --files 20000 --write`, in the project's root.

`--published` judges the published model instead of fitting one.
"""

import argparse
import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import fit_linkage
from customer_profile.duplicate.linking import fitted, likenesses
from customer_profile.duplicate.model import PUBLISHED, Linkage, read_linkage
from fit_linkage.card import THRESHOLDS, Judged, card_of
from fit_linkage.judging import by_rule, from_probability, judged
from fit_linkage.starting import unfitted
from fit_linkage.twins import make_book


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, judge, print the card; write both files where asked to."""
    parser = argparse.ArgumentParser(prog="python -m fit_linkage", description=fit_linkage.__doc__)
    parser.add_argument("--fit", type=int, default=101, metavar="SEED", help="of the bank to fit on (%(default)s)")
    parser.add_argument(
        "--judge", type=int, nargs="+", default=[202, 7001], metavar="SEED", help="of the banks to judge on (202 7001)"
    )
    parser.add_argument("--files", type=int, default=20_000, metavar="N", help="of each bank (%(default)s)")
    parser.add_argument("--published", action="store_true", help="judge the published model, fit none")
    parser.add_argument("--memory", default="2GB", help="that DuckDB may take (%(default)s)")
    parser.add_argument(
        "--write", type=Path, nargs="?", const=PUBLISHED.parent, metavar="FOLDER", help="where to, if not beside it"
    )
    asked = parser.parse_args(arguments)
    logging.getLogger("splink").setLevel(logging.ERROR)  # it warns of each level that one of the sessions did not see
    seeds = " ".join(map(str, asked.judge))
    how = "--published" if asked.published else f"--fit {asked.fit}"
    command = f"python -m fit_linkage {how} --judge {seeds} --files {asked.files}{' --write' * (not asked.published)}"
    linkage = read_linkage() if asked.published else fit(asked.fit, asked.files, command, asked.memory)
    card = card_of(linkage, [judge(linkage, seed, asked.files, asked.memory) for seed in asked.judge], command)
    sys.stdout.write(card)
    if asked.write is not None:
        (asked.write / f"{linkage.title}.json").write_text(linkage.model_dump_json(indent=2) + "\n", encoding="utf-8")
        (asked.write / f"{linkage.title}.md").write_text(card, encoding="utf-8")


def fit(seed: int, files: int, command: str, memory: str) -> Linkage:
    """The model as fitted on the bank of this seed, whose truth is not looked at."""
    reason = f"First model, fitted without labels on {files:,} files of simulated bank {seed}: {command}."
    start = unfitted(reason)
    return start.model_copy(
        update={"comparisons": fitted(make_book(seed, files).files(), start, seed=seed, memory=memory)}
    )


def judge(linkage: Linkage, seed: int, files: int, memory: str) -> Judged:
    """How the model fares on the bank of this seed at each threshold, beside the rule."""
    book = make_book(seed, files)
    compared = book.files()
    began = time.perf_counter()
    found = likenesses(compared, linkage, least=min(THRESHOLDS), memory=memory)
    seconds = time.perf_counter() - began
    at = {least: judged(from_probability(found, least), book.truth) for least in THRESHOLDS}
    return Judged(seed, files, seconds, at, judged(by_rule(compared), book.truth))


if __name__ == "__main__":
    main()
