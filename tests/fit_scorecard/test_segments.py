"""Segments beside a scorecard: each is judged by what customers contribute, and by whether its names stay."""

import re

import numpy as np

from fit_scorecard.banks import Observed
from fit_scorecard.lifetime import NOT_FITTED
from fit_scorecard.segments import ranked, stayed, summed_up, told, worth_of_segments
from scoring.segment.domain.model import Fitted
from simulator.bank import Plan
from tests.scoring.segment.banks import KINDS, customers, fitted


def bank(contributions: dict[str, float], *, seed: int = 5) -> Observed:
    """A bank in which a customer contributes what those of their kind do."""
    everybody = list(customers(600, seed=seed))
    values = np.array([[np.nan if one is None else one for one in known.values] for known in everybody])
    later = np.array([[np.nan if one is None else one for one in known.values] for known in customers(600, seed=9)])
    return Observed(
        plan=Plan(seed=seed, customers=600),
        values=values,
        contribution=np.array([contributions[one.kind] for one in everybody]),
        later=later,
        loans=np.array([[one.loans_minor, one.loans_minor] for one in everybody]),
        lifetime=NOT_FITTED,
    )


def correlation(lines: list[str], name: str) -> float:
    (line,) = [line for line in lines if line.startswith(f"  {name}:")]
    return float(re.findall(r"rank correlation (-?[\d.]+)", line)[0])


def test_segments_rank_perfectly_where_kind_is_all_and_the_scorecard_where_they_say_nothing() -> None:
    model: Fitted = fitted(600)
    by_kind = bank({name: 100.0 * place for place, name in enumerate(KINDS)})
    lines = list(ranked(by_kind, model, worth_of_segments(model, by_kind)))
    assert correlation(lines, "segment") == 1.0
    assert correlation(lines, "points") < correlation(lines, "0.7 points + 0.3 segment") < 1.0
    balance = by_kind._replace(contribution=by_kind.values[:, 0])
    lines = list(ranked(balance, model, worth_of_segments(model, balance)))
    assert correlation(lines, "segment") < 1.0


def test_a_bank_that_stays_as_it_is_keeps_its_names_and_its_people() -> None:
    stay = stayed(bank(dict.fromkeys(KINDS, 1.0)))
    assert (stay.kept, stay.renamed, stay.moved, stay.overlap) == (1.0, 0.0, 0.0, 1.0)
    assert list(told(stay))[-2:] == [
        "  kept 5 of 5, overlap 1.00",
        "  0.0% of the customers moved by the first, 0.0% are renamed by the refit",
    ]
    assert "  renamed: 0.000 (0.000 to 0.000)" in summed_up([stay, stay])


def test_who_changes_has_moved_and_nobody_is_renamed() -> None:
    before = bank(dict.fromkeys(KINDS, 1.0))
    kinds = np.array([one.kind for one in customers(600)])
    saver, typical = (int(np.flatnonzero(kinds == kind)[0]) for kind in ("savers", "typical"))
    before.later[typical] = before.later[saver]
    stay = stayed(before)
    assert (stay.moved, stay.renamed, stay.overlap) == (1 / 600, 0.0, 1.0)
