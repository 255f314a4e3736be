"""`python -m fit_scorecard.segments`: what segments say of the next year beside a scorecard, and whether they stay.

Segments are found on one bank and judged on others, as the scorecard is.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from math import isnan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fit_scorecard.banks import Observed, observed
from fit_scorecard.documents import is_top, points_of
from fit_scorecard.expert import scorecard_of
from fit_scorecard.measures import Numbers, auc, rank_correlation
from scoring.scorecard.domain import Values
from scoring.scorecard.files import read_documents
from scoring.segment.card import told_of
from scoring.segment.domain.fitting import Book, fit
from scoring.segment.domain.model import Fitted

_AT = datetime(2025, 1, 1, tzinfo=UTC)
"""No figure rests on the moment."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Find segments on one bank, judge them on others, print both."""
    parser = argparse.ArgumentParser(prog="python -m fit_scorecard.segments", description=__doc__)
    parser.add_argument("--fit", type=int, default=101, metavar="SEED", help="of the bank to fit on (%(default)s)")
    parser.add_argument("--judge", type=int, nargs="+", default=[202, 7001], metavar="SEED", help="(202 7001)")
    parser.add_argument("--customers", type=int, default=2000, metavar="N", help="of each bank (%(default)s)")
    asked = parser.parse_args(arguments)
    bank = observed(asked.fit, asked.customers)
    fitted = _fit(bank)
    worth = worth_of_segments(fitted, bank)
    stays = []
    for one in (bank, *(observed(seed, asked.customers, bank.lifetime) for seed in asked.judge)):
        stays.append(stayed(one))
        lines = [f"bank {one.plan.seed}", *ranked(one, fitted, worth), *told(stays[-1])]
        sys.stdout.write("\n".join(lines) + "\n\n")
    sys.stdout.write("\n".join(summed_up(stays)) + "\n")


def ranked(bank: Observed, fitted: Fitted, worth: dict[str, float]) -> Iterator[str]:
    """How points, segments and mixes of them rank what customers contribute in the next year; and loans, which the
    published scorecard does not know and segments do."""
    (document,) = read_documents("CNY")
    points = points_of(scorecard_of(document), bank.values)
    segments = np.array([worth[name] for name in _names(fitted, bank)])
    loans = np.log1p(bank.loans[:, 0] / 100)
    mixes = {
        "points": _mixed((1.0, points)),
        "segment": _mixed((1.0, segments)),
        "0.7 points + 0.3 segment": _mixed((0.7, points), (0.3, segments)),
        "0.7 points + 0.3 loans": _mixed((0.7, points), (0.3, loans)),
        "0.5 points + 0.2 segment + 0.3 loans": _mixed((0.5, points), (0.2, segments), (0.3, loans)),
    }
    for name, score in mixes.items():
        top = auc(score, is_top(bank.contribution))
        yield f"  {name}: rank correlation {rank_correlation(score, bank.contribution):.3f}, AUC {top:.3f}"


class Stay(NamedTuple):
    """What a refit half a year later makes of a bank's segments."""

    first: Fitted
    refit: Fitted
    moved: float
    """Share of the customers whom the first segments name otherwise half a year later: people change."""
    overlap: float
    """Of who bears a name by the first or by the refit, those who do by both, half a year later; mean of the first."""

    @property
    def kept(self) -> float:
        """Share of the first segments whose names the refit bears on."""
        return self.refit.figures.kept / len(self.first.segments)

    @property
    def renamed(self) -> float:
        """Share of the customers whom first and refit name otherwise, both half a year later: names jump."""
        return self.refit.figures.renamed or 0.0


def stayed(bank: Observed) -> Stay:
    """A bank's own segments, and a refit half a year later."""
    before, after = _known(bank.values, bank.loans[:, 0]), _known(bank.later, bank.loans[:, 1])
    first = fit(_book(before), None)
    refit = fit(_book(after), first)
    was, moved, renamed = (
        np.array([model.nearest(values, owed).name for values, owed in customers])
        for model, customers in ((first, before), (first, after), (refit, after))
    )
    overlaps = []
    for one in first.segments:
        by_first, by_refit = moved == one.name, renamed == one.name
        overlaps.append((by_first & by_refit).sum() / max((by_first | by_refit).sum(), 1))
    return Stay(first, refit, float((was != moved).mean()), float(np.mean(overlaps)))


def told(stay: Stay) -> Iterator[str]:
    """One bank's refit."""
    for when, model in (("segments", stay.first), ("half a year later", stay.refit)):
        sizes = ", ".join(f"{one.name} {one.customers}" for one in model.segments)
        yield f"  {when}: {sizes}; stability and silhouette of {', '.join(map(told_of, model.figures.tried))}"
    yield f"  kept {stay.refit.figures.kept} of {len(stay.first.segments)}, overlap {stay.overlap:.2f}"
    yield f"  {stay.moved:.1%} of the customers moved by the first, {stay.renamed:.1%} are renamed by the refit"


def summed_up(stays: Sequence[Stay]) -> Iterator[str]:
    """All of them: the median, the least and the most."""
    yield f"{len(stays)} banks, median (least to most)"
    for name in ("kept", "renamed", "moved", "overlap"):
        found = [getattr(stay, name) for stay in stays]
        yield f"  {name}: {np.median(found):.3f} ({min(found):.3f} to {max(found):.3f})"


def worth_of_segments(fitted: Fitted, bank: Observed) -> dict[str, float]:
    """What the customers of each segment contribute on average."""
    by_name: dict[str, list[float]] = {one.name: [] for one in fitted.segments}
    for name, money in zip(_names(fitted, bank), bank.contribution.tolist(), strict=True):
        by_name[name].append(money)
    return {name: sum(money) / len(money) for name, money in by_name.items()}


def _fit(bank: Observed) -> Fitted:
    return fit(_book(_known(bank.values, bank.loans[:, 0])), None)


def _book(customers: Sequence[tuple[Values, int]]) -> Book:
    book = Book(len(customers), _AT, 100)
    for number, (values, owed) in enumerate(customers):
        book.add(f"c-{number}", values, owed)
    return book


def _names(fitted: Fitted, bank: Observed) -> list[str]:
    return [fitted.nearest(values, owed).name for values, owed in _known(bank.values, bank.loans[:, 0])]


def _known(table: Numbers, loans: NDArray[np.int64]) -> list[tuple[Values, int]]:
    rows = [Values._make(None if isnan(value) else value for value in row) for row in table.tolist()]
    return list(zip(rows, loans.tolist(), strict=True))


def _mixed(*parts: tuple[float, Numbers]) -> Numbers:
    """So much of each, told from its mean in standard deviations."""
    return np.asarray(sum(share * (score - score.mean()) / score.std() for share, score in parts))


if __name__ == "__main__":
    main()
