"""Who does what is told reaches the tier: what is told is never rounded to the wrong side."""

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.scorecard.domain import Feature, Scorecard, Thresholds, Unit, Values
from scoring.scorecard.domain.features import KNOWN
from scoring.standing.domain.evidence import evidence_of
from scoring.standing.domain.explaining import texts_of
from scoring.standing.domain.reaching import WayUp, way_up
from scoring.standing.domain.state import Standing
from scoring.standing.explanation import change_told
from tests.scoring.rules import BANK, card
from tests.scoring.standing.test_evidence import NOTHING
from tests.scoring.standing.test_state import DAY, NOON

LEAST = Decimal("0.000001")
ASKED_FOR = [name for name in KNOWN if name != "lifetime_value"]
"""All but what the bank expects, which is nothing that a customer could do."""
SPOKEN = [name for name in ASKED_FOR if KNOWN[name].unit in {"money", "days", "products", "ratio", "share"}]


@st.composite
def scorecards_with(draw: st.DrawFn, names: list[str]) -> tuple[str, Scorecard]:
    """A feature and a scorecard that asks for it alone, in bins of any kind that it may have."""
    name = draw(st.sampled_from(names))
    known, highest = KNOWN[name], min(KNOWN[name].highest, 1e9)
    is_whole = known.unit in {"days", "products", "loan-class"}
    edge = st.integers(1, int(highest)).map(float) if is_whole else st.floats(0.001, highest)
    return name, scorecard_of(name, sorted(draw(st.lists(edge, min_size=1, max_size=4, unique=True))))


def scorecard_of(name: str, edges: list[float]) -> Scorecard:
    known = KNOWN[name]
    points = tuple(range(0, 10 * len(edges) + 1, 10))
    inwards = points[::-1] if known.falls else points
    feature = Feature(name, known.dimension, known.unit, "so much", tuple(edges), inwards, 0, 5.0)
    limits = Thresholds(("low", "high"), (points[-1],), band=0, dwell=DAY, review=DAY)
    return card(feature, limits=limits)


def minor(told: str, unit: Unit) -> Decimal:
    return Decimal(told.replace(",", "")) * (100 if unit == "money" else 1)


def way_of(scorecard: Scorecard, found: Values) -> WayUp:
    way = way_up(scorecard, evidence_of(scorecard, found), "low")
    assert way is not None
    return way


def is_reached(scorecard: Scorecard, found: Values) -> bool:
    return scorecard.thresholds.reached(scorecard.points_of(found)) == 1


@given(scorecards_with(ASKED_FOR))
def test_the_numbers_that_are_told_reach_the_tier(case: tuple[str, Scorecard]) -> None:
    name, scorecard = case
    is_rising, unit = not KNOWN[name].falls, KNOWN[name].unit
    found = NOTHING._replace(**{name: 0.0 if is_rising else 1e10})
    (change,) = way_of(scorecard, found).changes
    told: dict[str, Any] = change_told(change, BANK)
    assert (told["at_least"] is None, told["below"] is None) == (not is_rising, is_rising)
    reached = minor(told["at_least"], unit) if is_rising else minor(told["below"], unit) - LEAST
    assert is_reached(scorecard, found._replace(**{name: float(reached)}))


@given(scorecards_with(SPOKEN))
def test_the_words_that_are_told_reach_the_tier_in_both_languages(case: tuple[str, Scorecard]) -> None:
    name, scorecard = case
    found = NOTHING._replace(**{name: 0.0})
    evidence, way = evidence_of(scorecard, found), way_of(scorecard, found)
    texts = texts_of(Standing("c-1", tier="low", tier_since=NOON, decided_at=NOON), scorecard, evidence, way, BANK)
    zh = texts.customer.zh.replace("近90天平均水平的", "")
    for told, words in ((texts.customer.en, "at least"), (zh, "不[低少]于[^0-9]*")):
        *_, (number, percent) = re.findall(rf"{words} ?([\d,.]*\d)(%?)", told)
        reached = minor(number, KNOWN[name].unit) / (100 if percent else 1)
        assert is_reached(scorecard, found._replace(**{name: float(reached)}))


@pytest.mark.parametrize(
    ("name", "edge", "has", "told", "said"),
    [
        ("active_days", 25.0, 24.0, "25", "at least 25 days"),
        ("balance_trend", 0.845, 0.8449, "0.8450", "at least 84.5%"),
        ("balance_trend", 0.32, 0.3199, "0.3200", "at least 32%"),
        ("average_balance", 860_000.0, 0.0, "8600.00", "at least 8,600.00 CNY"),
    ],
)
def test_who_is_short_of_an_edge_is_not_told_what_is_there_already(
    name: str, edge: float, has: float, told: str, said: str
) -> None:
    scorecard = scorecard_of(name, [edge])
    found = NOTHING._replace(**{name: has})
    evidence, way = evidence_of(scorecard, found), way_of(scorecard, found)
    assert [change_told(change, BANK)["at_least"] for change in way.changes] == [told]
    texts = texts_of(Standing("c-1", tier="low", tier_since=NOON, decided_at=NOON), scorecard, evidence, way, BANK)
    assert said in texts.customer.en


def test_a_share_a_trifle_short_of_what_is_asked_for_looks_short() -> None:
    scorecard = scorecard_of("balance_trend", [0.32])
    found = NOTHING._replace(balance_trend=0.3199)
    evidence = evidence_of(scorecard, found)
    standing = Standing("c-1", tier="low", tier_since=NOON, decided_at=NOON)
    told = texts_of(standing, scorecard, evidence, way_of(scorecard, found), BANK).customer.en
    assert "31%" in told and "at least 32%" in told
