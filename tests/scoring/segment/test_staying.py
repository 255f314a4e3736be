"""Segments follow their people: a refit renames who is in another cluster, and others only if clearly better."""

from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random

import numpy as np
import pytest

from scoring.segment.domain.clustering import Clusters
from scoring.segment.domain.fitting import CLEARLY, chosen, fit
from scoring.segment.domain.model import Candidate, Fitted
from tests.scoring.segment.banks import Customer, around, book_of, values


def blurred(seed: int, count: int = 600) -> Iterator[Customer]:
    """Customers of no kind at all: each trait for itself, so that clusters touch and could lie elsewhere as well."""
    draw = Random(seed)
    for number in range(count):
        balance, turnover, days = (draw.lognormvariate(one, 1.0) for one in (13.0, 12.5, 2.5))
        investments, owed = (draw.choice([0.0, draw.lognormvariate(14.0, 1.0)]) for _ in range(2))
        products = draw.randint(0, 4) + bool(investments) + bool(owed)
        known = values(balance, investments, turnover, min(round(days), 90), products)
        yield Customer(f"c-{number}", known, round(owed), "blurred")


def changed(everybody: Sequence[Customer], seed: int, share: float) -> list[Customer]:
    """So many of them have other balances, turnovers and days."""
    draw = Random(seed)

    def other(one: Customer) -> Customer:
        now = one.values
        balance, turnover = around(draw, now.average_balance), around(draw, now.turnover)
        days = min(round(around(draw, now.active_days)), 90)
        return one._replace(values=now._replace(average_balance=balance, turnover=turnover, active_days=days))

    return [other(one) if draw.random() < share else one for one in everybody]


def called(model: Fitted, everybody: Sequence[Customer]) -> list[str]:
    return [model.nearest(one.values, one.loans_minor).name for one in everybody]


def renamed_without_moving(former: Fitted, refit: Fitted, everybody: Sequence[Customer]) -> int:
    """Customers of another name although they are in the cluster that most of their former segment is in."""
    pairs = list(zip(called(former, everybody), called(refit, everybody), strict=True))
    most = {name: Counter(now for was, now in pairs if was == name).most_common(1)[0][0] for name, _ in pairs}
    return sum(now == most[was] != was for was, now in pairs)


@pytest.fixture(scope="module", params=[0, 2, 3])
def bank(request: pytest.FixtureRequest) -> tuple[list[Customer], Fitted]:
    """Blurred customers, and the first model of them."""
    everybody = list(blurred(request.param))
    return everybody, fit(book_of(everybody), None)


def test_a_refit_on_the_same_customers_renames_nobody(bank: tuple[list[Customer], Fitted]) -> None:
    everybody, first = bank
    again = fit(book_of(everybody), first)
    assert called(again, everybody) == called(first, everybody)
    assert (again.figures.renamed, again.figures.kept) == (0.0, len(first.segments))
    assert again.segments == first.segments


def test_of_customers_who_changed_a_little_only_those_are_renamed_who_are_in_another_cluster(
    bank: tuple[list[Customer], Fitted],
) -> None:
    everybody, first = bank
    later = changed(everybody, seed=1, share=0.3)
    refit = fit(book_of(later), first)
    assert refit.figures.kept == len(first.segments)
    assert renamed_without_moving(first, refit, later) == 0
    assert (refit.figures.renamed or 0.0) < 0.05
    unmatched = fit(book_of(later), None)
    assert renamed_without_moving(first, unmatched, later) > 0.05 * len(later), "these customers could not tell"


def clusters(stability: float, number: int, *, follows: bool = False) -> Clusters:
    return Clusters(np.zeros((number, 6)), Candidate(number, 0.3, stability, follows))


def test_what_the_former_clusters_have_come_to_stays_unless_others_are_more_stable_by_the_margin() -> None:
    former = clusters(0.6, 5, follows=True)
    hardly, clearly = (clusters(0.6 + CLEARLY + more, 6) for more in (-0.001, 0.001))
    assert chosen([clusters(0.5, 5), former, hardly]) is former
    assert chosen([clusters(0.5, 5), former, clearly]) is clearly
    assert chosen([hardly, clearly]) is clearly
