"""What makes a scorecard: rules that are checked before anything is decided by it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf

import pytest

from fit_scorecard.expert import EXPERT, scorecard_of
from rapport.documents import read_document
from scoring.scorecard.documents import ScorecardDocument
from scoring.scorecard.domain import Feature, Scorecard, ScorecardInvalid, Scorecards, Thresholds
from scoring.scorecard.domain.cards import faults_of
from scoring.scorecard.domain.features import KNOWN
from scoring.scorecard.files import PUBLISHED, scorecards_of
from tests.scoring.rules import BALANCE, DAYS, LIMITS, card

JUNE = datetime(2025, 6, 1, tzinfo=UTC)


def published() -> list[Scorecard]:
    """Every scorecard file of the service."""
    read = (read_document(path, ScorecardDocument, noun="scorecard") for path in sorted(PUBLISHED.glob("*.json")))
    return [scorecards_of([one]).cards[0] for one in read]


@pytest.mark.parametrize(
    ("feature", "fault"),
    [
        (replace(DAYS, name="shoe_size"), "features.1.name: is not a known feature"),
        (replace(DAYS, points=(0, 5)), "features.1.points: are 2; 2 edges make one bin more"),
        (replace(DAYS, edges=(10.0, 1.0)), "features.1.edges.1: lies below the edge before it"),
        (replace(DAYS, edges=(1.0, 1.0)), "features.1.edges.1: is the edge before it again"),
        (replace(DAYS, edges=(1.0, float("nan"))), "features.1.edges.1: is not a number"),
        (replace(DAYS, points=(0, 11, 10)), "features.1.points: are not monotone"),
        (replace(DAYS, typical_points=10.5), "features.1.typical_points: are points that nobody can have"),
        (replace(DAYS, points_if_unknown=11), "features.1.points_if_unknown: are points that nobody can have"),
        (replace(DAYS, points=()), "features.1.typical_points"),
    ],
)
def test_a_feature_that_could_not_be_explained_is_refused(feature: Feature, fault: str) -> None:
    with pytest.raises(ScorecardInvalid, match=fault):
        card(BALANCE, feature)


@pytest.mark.parametrize(
    "limits",
    [
        replace(LIMITS, band=15),
        replace(LIMITS, band=-1),
        replace(LIMITS, starts=(4, 80)),
        replace(LIMITS, starts=(50, 106)),
        replace(LIMITS, starts=(80, 50)),
        replace(LIMITS, tiers=("low", "low", "high")),
        replace(LIMITS, tiers=("low",), starts=()),
        replace(LIMITS, dwell=timedelta(days=-1)),
        replace(LIMITS, review=timedelta(0)),
    ],
)
def test_thresholds_that_nobody_could_pass_or_that_overlap_are_refused(limits: Thresholds) -> None:
    with pytest.raises(ScorecardInvalid):
        card(limits=limits)


def test_a_feature_counts_once_and_a_scorecard_has_some() -> None:
    with pytest.raises(ScorecardInvalid, match="is a feature that counts already"):
        card(BALANCE, BALANCE)
    with pytest.raises(ScorecardInvalid, match="counts from 1"):
        card(version=0)


@pytest.mark.parametrize("name", KNOWN)
def test_of_every_feature_more_counts_in_one_direction_alone(name: str) -> None:
    known = KNOWN[name]
    rising = Feature(name, known.dimension, known.unit, name, (1.0,), (0, 6), 0, 3.0)
    falling = replace(rising, points=(6, 0))
    refused, allowed = (rising, falling) if known.falls else (falling, rising)
    assert allowed.faults() == []
    (fault,) = refused.faults()
    assert str(fault).startswith(f"points: {'rise' if known.falls else 'fall'}: more of {name} may not earn")


def test_only_more_risk_earns_less() -> None:
    assert {name for name, known in KNOWN.items() if known.falls} == {"penalty_interest", "overdrafts", "loan_class"}


@pytest.mark.parametrize("name", KNOWN)
def test_an_edge_lies_where_somebody_can_be_on_either_side_of_it(name: str) -> None:
    known = KNOWN[name]
    points = (6, 0) if known.falls else (0, 6)
    feature = Feature(name, known.dimension, known.unit, name, (1.0,), points, 0, 3.0)
    for beyond in {known.lowest, known.highest + 1} - {-inf, inf}:
        (fault,) = replace(feature, edges=(beyond,)).faults()
        assert fault.place == ("edges", 0)
        assert "the bin is empty" in fault.rule
    for within in {known.highest, known.lowest + 1, 2.0 if known.highest > 2 else 1.0} - {-inf, inf}:
        assert replace(feature, edges=(within,)).faults() == []
    whole = [fault.place for fault in replace(feature, edges=(0.5,)).faults()]
    assert whole == ([("edges", 0)] if name in {"active_days", "products", "loan_class"} else [])


def test_every_fault_of_a_reversed_feature_is_listed() -> None:
    reversed_days = replace(DAYS, edges=(-5.0, 4.5, 95.0, 138.0), points=(9, 5, 5, 1, 0), typical_points=3.0)
    places = [".".join(map(str, fault.place)) for fault in reversed_days.faults()]
    assert places == ["edges.0", "edges.1", "edges.2", "edges.3", "points"]
    (same,) = replace(DAYS, points=(4, 4, 4), points_if_unknown=4, typical_points=4.0).faults()
    assert str(same) == "points: are the same in every bin: leave out a feature that tells nobody apart"


@pytest.mark.parametrize("scorecard", [scorecard_of(EXPERT), card(), *published()], ids=lambda one: one.name)
def test_the_published_the_experts_and_the_small_scorecard_break_no_rule(scorecard: Scorecard) -> None:
    assert faults_of(dict(enumerate(scorecard.features)), scorecard.thresholds) == []


def test_the_version_in_force_follows_from_the_date() -> None:
    cards = Scorecards([card(version=2, effective_from=JUNE), card()])
    second = timedelta(seconds=1)
    assert [cards.at(at).version for at in (datetime(1980, 1, 1, tzinfo=UTC), JUNE - second, JUNE)] == [1, 1, 2]
    assert cards.next_change(JUNE - second) == JUNE
    assert cards.next_change(JUNE) is None


def test_versions_and_dates_rise_together() -> None:
    with pytest.raises(ScorecardInvalid, match="later version"):
        Scorecards([card(effective_from=JUNE), card(version=2)])
    with pytest.raises(ScorecardInvalid, match="later version"):
        Scorecards([card(), card(effective_from=JUNE)])
    with pytest.raises(ScorecardInvalid, match="one currency"):
        Scorecards([card(), replace(card(version=2, effective_from=JUNE), currency="CZK")])
    with pytest.raises(ScorecardInvalid, match="at least one"):
        Scorecards([])
