"""What makes a scorecard: rules that are checked before anything is decided by it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scoring.scorecard.domain import Feature, ScorecardInvalid, Scorecards, Thresholds
from tests.scoring.rules import BALANCE, DAYS, LIMITS, card

JUNE = datetime(2025, 6, 1, tzinfo=UTC)


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


def test_points_that_fall_with_the_value_are_monotone_too() -> None:
    assert card(BALANCE, replace(DAYS, points=(10, 5, 0))).features[1].points[0] == 10


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
