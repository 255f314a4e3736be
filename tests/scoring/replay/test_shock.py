"""A stress scenario takes what it says from whom it says, and the rules do the rest."""

from copy import deepcopy
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.replay.documents import ShockInvalid, read_shock
from scoring.replay.domain import Book
from scoring.replay.shock import Shock, strike
from scoring.standing.domain.state import Standing
from scoring.standing.handlers import fold
from tests.scoring.facts import MONDAY, life, moment_of
from tests.scoring.rules import BANK, rules

END = MONDAY + timedelta(days=150)


def _built() -> Book:
    made = Book(rules())
    for fact in life(seed=4, customers=20, days=140):
        made.meet(fact.key, moment_of(fact), partial(fold, fact=fact, bank=BANK))  # type: ignore[arg-type]
    made.close(END)
    return made


BUILT = _built()


def book() -> Book:
    """The same book each time, to be struck."""
    return Book(BUILT.rules, deepcopy(BUILT.standings))


def balance(standing: Standing) -> int:
    return standing.opening_minor + standing.credits_minor - standing.debits_minor


def shock(
    tiers: frozenset[str] | None = None, balances: float = 0.0, products: float = 0.0, silence: timedelta = timedelta(0)
) -> Shock:
    return Shock("test", tiers, balances, products, silence)


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_stated_shares_of_balances_and_products_are_gone(balances: float, products: float) -> None:
    before, after = book(), book()
    lost = strike(after, shock(balances=balances, products=products), END)
    gone = 0
    for key, one in after.standings.items():
        was = before.standings[key]
        assert abs(balance(one) - (balance(was) - max(balance(was), 0) * balances)) <= 0.5
        worth = was.holdings.investments_minor * (1 - products)
        assert abs(one.holdings.investments_minor - worth) <= len(was.holdings.by_kind)
        gone += balance(was) - balance(one) + was.holdings.investments_minor - one.holdings.investments_minor
    assert gone == lost


def test_it_strikes_only_the_tiers_it_names() -> None:
    before, after = book(), book()
    strike(after, shock(tiers=frozenset({"high"}), balances=0.3), END)
    for key, one in after.standings.items():
        was = before.standings[key]
        assert (balance(one) < balance(was)) == (was.tier == "high" and balance(was) > 0)


def test_whoever_stays_too_low_for_the_whole_dwell_falls_and_nobody_rises() -> None:
    ladder = ("low", "middle", "high")
    before, at_once, later = book(), book(), book()
    strike(at_once, shock(balances=0.9), END)
    strike(later, shock(balances=0.9, silence=timedelta(days=200)), END)
    heights = [[ladder.index(one.tier or "") for one in made.standings.values()] for made in (before, at_once, later)]
    assert heights[0] == heights[1], "nobody falls before the dwell is over"
    assert sum(heights[2]) < sum(heights[0])


def test_a_document_at_fault_is_refused_with_every_fault(tmp_path: Path) -> None:
    path = tmp_path / "shock.json"
    path.write_text('{"name": "run", "balances_lost": 1.3, "silent_days": -1, "colour": "red"}')
    with pytest.raises(ShockInvalid, match=r"balances_lost.*silent_days.*colour"):
        read_shock(path)
    path.write_text('{"name": "run on deposits", "tiers": ["high"], "balances_lost": 0.3}')
    assert read_shock(path) == Shock("run on deposits", frozenset({"high"}), 0.3, 0.0, timedelta(days=30))
