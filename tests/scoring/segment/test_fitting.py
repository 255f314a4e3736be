"""Segments are found where there are some, found again, and refused where a book has none."""

from collections import Counter

import pytest

from scoring.segment.domain.fitting import CLUSTERS, FEWEST, STEPS, ClusteringRefused, fit
from scoring.segment.domain.model import Fitted
from tests.scoring.segment.banks import KINDS, book_of, customers, fitted


@pytest.fixture(scope="module")
def found() -> Fitted:
    return fitted()


def test_the_kinds_of_customers_are_found_and_each_bears_its_name(found: Fitted) -> None:
    assert {segment.name: segment.customers for segment in found.segments} == {
        name: 10 * kind.share for name, kind in KINDS.items()
    }
    strangers = list(customers(500, seed=77))
    assert all(found.nearest(one.values, one.loans_minor).name == one.kind for one in strangers)


def test_the_number_of_segments_is_the_most_stable_one(found: Fitted) -> None:
    figures = found.figures
    assert tuple(one.clusters for one in figures.tried) == CLUSTERS
    best = max(figures.tried, key=lambda one: one.stability)
    assert (best.clusters, best.stability) == (len(found.segments), figures.stability) == (5, 1.0)
    assert best.silhouette == figures.silhouette > 0.5


def test_the_same_book_gives_the_same_model_and_tells_each_step(found: Fitted) -> None:
    steps: list[str] = []
    assert fit(book_of(customers()), None, steps.append) == found
    assert steps == list(STEPS)


def test_another_draw_of_the_same_bank_keeps_every_name(found: Fitted) -> None:
    again = fitted(seed=91, former=found)
    assert (found.figures.renamed, again.figures.kept, again.figures.renamed) == (None, 5, 0.0)
    strangers = list(customers(300, seed=78))
    assert all(again.nearest(one.values, one.loans_minor).name == one.kind for one in strangers)


def test_money_in_another_unit_gives_the_same_segments(found: Fitted) -> None:
    in_thousandths = [
        one._replace(
            values=one.values._replace(
                average_balance=one.values.average_balance * 10,
                investments=one.values.investments * 10,
                turnover=one.values.turnover * 10,
            ),
            loans_minor=one.loans_minor * 10,
        )
        for one in customers()
    ]
    again = fit(book_of(in_thousandths, unit=1000), None)
    assert Counter((one.name, one.customers) for one in again.segments) == Counter(
        (one.name, one.customers) for one in found.segments
    )


def test_a_typical_customer_is_told_in_natural_units(found: Fitted) -> None:
    savers = next(segment for segment in found.segments if segment.name == "savers")
    balance, investments, loans, turnover, days, products = found.natural(savers)
    kind = KINDS["savers"]
    assert balance == pytest.approx(kind.balance, rel=0.1)
    assert investments == pytest.approx(kind.investments, rel=0.1)
    assert turnover == pytest.approx(kind.turnover, rel=0.1)
    assert (loans, days, products) == pytest.approx((0.0, kind.days, kind.products), rel=0.1)


def test_too_few_customers_are_refused() -> None:
    with pytest.raises(ClusteringRefused, match=f"of {FEWEST - 1} customers, fewer than {FEWEST}: wait"):
        fit(book_of(customers(FEWEST - 1)), None)


def test_customers_who_are_all_alike_are_refused() -> None:
    (one,) = customers(1)
    alike = [one._replace(customer_id=f"c-{number}") for number in range(FEWEST)]
    with pytest.raises(ClusteringRefused, match="less than 1 % of the customers"):
        fit(book_of(alike), None)
