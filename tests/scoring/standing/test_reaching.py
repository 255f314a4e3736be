"""What is said to reach the next tier does reach it, and nothing smaller would."""

from itertools import combinations, product
from math import isfinite

from hypothesis import given
from hypothesis import strategies as st

from fit_scorecard.expert import EXPERT, scorecard_of
from scoring.scorecard.domain import Feature, Scorecard, Thresholds, Values
from scoring.standing.domain.evidence import evidence_of
from scoring.standing.domain.reaching import Change, WayUp, way_up
from scoring.standing.domain.tiering import next_tier
from tests.scoring.rules import PUBLISHED, card
from tests.scoring.standing.test_evidence import NOTHING
from tests.scoring.standing.test_state import DAY, NOON

LEAST = 1e-6
amount = st.floats(-1e7, 1e9, allow_nan=False)
values = st.builds(
    Values,
    *(amount, amount, st.floats(0, 1e8)),
    *[st.one_of(st.none(), st.floats(0, 5))] * 2,
    *(st.integers(0, 90).map(float), st.integers(0, 12).map(float)),
    *[st.one_of(st.none(), st.floats(0, 3))] * 2,
    *(st.floats(0, 9), st.floats(0, 9), amount),
    st.one_of(st.none(), st.integers(0, 4).map(float)),
)
cards = st.sampled_from([PUBLISHED.cards.cards[0], scorecard_of(EXPERT), card()])


def way_of(scorecard: Scorecard, found: Values, tier: str) -> WayUp | None:
    return way_up(scorecard, evidence_of(scorecard, found), tier)


@given(cards, values, st.sampled_from(["low", "middle", "high"]))
def test_the_stated_change_moves_the_customer_up(scorecard: Scorecard, found: Values, tier: str) -> None:
    way = way_of(scorecard, found, tier)
    assert (way is None) == (tier == "high")
    if way is None:
        return
    points = scorecard.points_of(found)
    assert next_tier(scorecard.thresholds, tier, None, points + way.missing, NOON)[0] != tier
    if way.missing > 1:
        assert next_tier(scorecard.thresholds, tier, NOON, points + way.missing - 1, NOON)[0] == tier
    for change in way.changes:
        found = change.applied_to(found, LEAST)
        assert isfinite(change.points) and change.points > 0
    if way.changes:
        reached = scorecard.points_of(found)
        assert reached == points + sum(change.points for change in way.changes)
        assert next_tier(scorecard.thresholds, tier, None, reached, NOON)[0] != tier


@given(values, st.sampled_from(["low", "middle"]))
def test_no_smaller_change_would_do(found: Values, tier: str) -> None:
    scorecard = card()
    way = way_of(scorecard, found, tier)
    assert way is not None
    if way.missing == 0:
        assert way.changes == ()
        return
    gains = {
        feature.name: [points for points in feature.points if points > mine.points]
        for feature, mine in zip(scorecard.features, evidence_of(scorecard, found), strict=True)
    }
    for fewer in range(len(way.changes) or len(gains) + 1):
        for names in combinations(gains, fewer):
            now = {item.feature.name: item.points for item in evidence_of(scorecard, found)}
            assert all(
                sum(one - now[name] for name, one in zip(names, chosen, strict=True)) < way.missing
                for chosen in product(*(gains[name] for name in names))
            )


def test_of_one_feature_that_is_enough_the_nearest_bin_is_named() -> None:
    way = way_of(card(), NOTHING._replace(active_days=12, average_balance=20_000.0), "low")
    assert way is not None
    (change,) = way.changes
    assert (way.tier, way.missing, change.feature.name) == ("middle", 55 - 10 - 2 - 6, "average_balance")
    assert change == Change(change.feature, 20_000.0, 100_000.0, None, 60)


def test_where_less_is_better_the_value_has_to_stay_below() -> None:
    limits = Thresholds(("low", "high"), (8,), band=0, dwell=DAY, review=DAY)
    scorecard = card(limits=limits)
    way = way_of(scorecard, NOTHING._replace(overdrafts=2.0), "low")
    assert way is not None
    (change,) = way.changes
    assert (change.feature.name, change.at_least, change.below) == ("overdrafts", None, 0.5)


def test_of_two_features_that_each_are_enough_the_one_with_fewer_bins_to_pass_is_named() -> None:
    near = Feature("products", "potential", "products", "products", (1.0,), (0, 12), 0, 6.0)
    far = Feature("active_days", "behaviour", "days", "days", (1.0, 10.0), (0, 1, 10), 0, 5.0)
    limits = Thresholds(("low", "high"), (10,), band=0, dwell=DAY, review=DAY)
    for features in ((near, far), (far, near)):
        way = way_of(card(*features, limits=limits), NOTHING, "low")
        assert way is not None
        assert [(change.feature.name, change.points) for change in way.changes] == [("products", 12)]


def test_turnover_is_named_only_where_nothing_that_stays_does_as_well() -> None:
    turnover = Feature("turnover", "value", "money", "turnover", (1.0,), (0, 12), 0, 6.0)
    stays = Feature("average_balance", "value", "money", "balance", (1.0, 10.0, 100.0), (0, 1, 2, 10), 0, 5.0)
    for missing, named in ((10, "average_balance"), (11, "turnover")):
        limits = Thresholds(("low", "high"), (missing,), band=0, dwell=DAY, review=DAY)
        for features in ((turnover, stays), (stays, turnover)):
            way = way_of(card(*features, limits=limits), NOTHING, "low")
            assert way is not None
            assert [change.feature.name for change in way.changes] == [named]
