"""What of a customer is not known is said, and meets only rules that ask for it."""

from datetime import UTC, datetime

from scoring.classification.domain.classes import Held
from scoring.entitlement.domain import Profile, entitled
from scoring.policy.files import read_policies
from scoring.scorecard.domain import Place

(DOCUMENT,) = read_policies("CNY")
POLICY = DOCUMENT.policy(DOCUMENT.version, DOCUMENT.begins)
NOW = datetime(2025, 6, 1, tzinfo=UTC)
KNOWN = [
    Held("c-1", "type", "personal", NOW, 1),
    Held("c-1", "attribute", "ordinary", NOW, 1),
    Held("c-1", "activity", "low", NOW, 1),
    Held("c-1", "lifecycle", "mature", NOW, 1),
]


def test_all_that_is_known_leaves_nothing_missing() -> None:
    assert Profile("high", NOW, Place(1, 3), KNOWN, "savers").missing() == []


def test_each_thing_that_is_not_known_is_named() -> None:
    nothing = Profile(None, None, None, [], None)
    assert set(nothing.missing()) == {"tier", "rank", "segment", "type", "attribute", "activity", "lifecycle"}
    for place, held in enumerate(KNOWN):
        others = KNOWN[:place] + KNOWN[place + 1 :]
        assert Profile("high", NOW, Place(1, 3), others, "savers").missing() == [held.dimension]


def test_a_tier_that_the_ladder_in_force_does_not_have_counts_as_no_rank() -> None:
    kept = Profile("private", NOW, None, KNOWN, "savers")
    assert kept.missing() == ["rank"]
    assert {one.rule for one in entitled(kept, POLICY).entitlements} == {"everybody"}
    placed = Profile("private", NOW, Place(1, 4), KNOWN, "savers")
    assert {one.rule for one in entitled(placed, POLICY).entitlements} == {"top-tier"}
