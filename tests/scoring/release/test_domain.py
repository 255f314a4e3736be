"""What a dry-run counts, against a reckoning customer by customer."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.release.domain import DryRun, faults_of_effect
from scoring.scorecard.domain import Fault, Values
from scoring.standing.domain.hysteresis import next_tier, settled
from scoring.version.domain.life import NOTICE, NotADraft, Release, VersionInForce, faults_of_date
from tests.scoring.rules import BALANCE, LIMITS, card

NOW = datetime(2025, 6, 1, tzinfo=UTC)
NOBODY = Values(0.0, 0, 0.0, None, None, 0, 0, None, None, 0.0, 0.0)
PRESENT = card(BALANCE)
DRAFT = card(BALANCE, version=2, limits=replace(LIMITS, starts=(70, 82)))
customers = st.lists(
    st.tuples(st.sampled_from(LIMITS.tiers), st.floats(0, 3_000_000, allow_nan=False)), min_size=1, max_size=40
)


def scored(book: list[tuple[str, float]], draft: object = DRAFT) -> DryRun:
    run = DryRun(2, 1, NOW, len(book))
    for tier, balance in book:
        run.score(tier, NOBODY._replace(average_balance=balance), PRESENT, draft)  # type: ignore[arg-type]
    return run


@given(customers)
def test_a_dry_run_counts_everybody_once_and_moves_whom_the_draft_would_have_elsewhere(
    book: list[tuple[str, float]],
) -> None:
    run = scored(book)
    expected: Counter[tuple[str, str]] = Counter()
    for tier, balance in book:
        points = 90 if balance >= 1_000_000 else 60 if balance >= 100_000 else 0
        long_ago, later = NOW - LIMITS.dwell, NOW
        present = next_tier(PRESENT.thresholds, tier, long_ago, points, later)[0]
        expected[present, next_tier(DRAFT.thresholds, tier, long_ago, points, later)[0]] += 1
    assert {(old, new): n for old, row in run.matrix.items() for new, n in row.items()} == expected
    assert run.moved == sum(n for (old, new), n in expected.items() if old != new)
    assert sum(run.points["present"].values()) == sum(run.points["draft"].values()) == run.customers_done == len(book)


@given(customers)
def test_what_is_in_force_moves_nobody(book: list[tuple[str, float]]) -> None:
    assert scored(book, draft=PRESENT).share_moved == 0.0


@given(customers)
def test_an_equal_draft_moves_nobody_inside_the_band_either(book: list[tuple[str, float]]) -> None:
    narrow = replace(LIMITS, starts=(58, 82))
    assert narrow.reached(60) > narrow.reached(60, side=1), "60 points keep the tier middle and do not reach it"
    run, both = DryRun(2, 1, NOW, len(book)), [card(BALANCE, version=version, limits=narrow) for version in (1, 2)]
    for tier, balance in book:
        run.score(tier, NOBODY._replace(average_balance=balance), *both)
    assert run.moved == 0


def test_who_is_inside_the_band_stays_in_the_tier_they_are_in_by_both() -> None:
    narrow = replace(LIMITS, starts=(58, 82))
    run, both = DryRun(2, 1, NOW, 2), [card(BALANCE, version=version, limits=narrow) for version in (1, 2)]
    for tier in ("low", "middle"):
        run.score(tier, NOBODY._replace(average_balance=100_000.0), *both)
    assert run.matrix == {"low": {"low": 1}, "middle": {"middle": 1}}


def test_of_an_empty_book_nobody_is_moved() -> None:
    assert DryRun(2, 1, NOW, 0).share_moved == 0.0


@given(st.sampled_from([None, *LIMITS.tiers]), st.integers(0, 120))
def test_who_is_settled_stays_where_they_are(tier: str | None, points: int) -> None:
    place = settled(LIMITS, tier, points)
    assert settled(LIMITS, place, points) == place
    assert next_tier(LIMITS, place, None, points, NOW) == (place, None)


def places(faults: list[Fault]) -> list[str]:
    return [".".join(map(str, fault.place)) for fault in faults]


def test_a_date_lies_a_notice_ahead_and_after_the_versions_before() -> None:
    assert faults_of_date(2, NOW + NOTICE, {1: NOW}, NOW) == []
    assert places(faults_of_date(2, NOW + NOTICE - timedelta(microseconds=1), {1: NOW}, NOW)) == ["effective_from"]
    assert places(faults_of_date(2, NOW + NOTICE, {1: NOW + NOTICE}, NOW)) == ["effective_from"]
    assert places(faults_of_date(2, NOW, {3: NOW}, NOW)) == ["version", "effective_from"]


def test_a_dry_run_must_be_over_and_against_what_is_in_force_and_move_no_more_than_the_limit() -> None:
    run = scored([("middle", 200_000.0), ("high", 1_000_000.0), ("low", 0.0)])
    assert (run.moved, run.share_moved) == (1, pytest.approx(1 / 3))
    found = [faults_of_effect(each, in_force=1, limit=1.0, forced=False) for each in (None, run)]
    assert [places(faults) for faults in found] == [["dry_run"], ["dry_run"]]
    run.finished_at = NOW
    assert places(faults_of_effect(run, in_force=3, limit=1.0, forced=True)) == ["dry_run"]
    assert faults_of_effect(run, in_force=1, limit=1 / 3, forced=False) == []
    (fault,) = faults_of_effect(run, in_force=1, limit=0.3, forced=False)
    assert str(fault).startswith("forced: is needed: 33.3% of the customers would move")
    assert faults_of_effect(run, in_force=1, limit=0.3, forced=True) == []


@pytest.mark.parametrize(
    ("effective_from", "withdrawn_at", "refusal"),
    [
        (NOW + NOTICE - timedelta(microseconds=1), None, VersionInForce),
        (NOW - NOTICE, None, VersionInForce),
        (None, NOW, NotADraft),
        (NOW + NOTICE, NOW, NotADraft),
    ],
)
def test_what_decides_or_is_withdrawn_cannot_be_withdrawn(
    effective_from: datetime | None, withdrawn_at: datetime | None, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        Release(2, "ana", effective_from, withdrawn_at).demand_withdrawable(NOW)


@pytest.mark.parametrize("effective_from", [None, NOW + NOTICE])
def test_a_draft_and_what_is_not_in_force_yet_can_be_withdrawn(effective_from: datetime | None) -> None:
    Release(2, "ana", effective_from, None).demand_withdrawable(NOW)
