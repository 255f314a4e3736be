"""Names say what sets a segment apart, each once, and stay with their segment from version to version."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.segment.domain.model import TRAITS, Fitted, Scale
from scoring.segment.domain.names import NAMES
from scoring.segment.domain.naming import NEAR, NothingSetsApart, Numbers, named
from tests.scoring.segment.banks import BY_HAND

SCALES = BY_HAND.scales
CENTROIDS = np.array([segment.centroid for segment in BY_HAND.segments])
FORMER = [segment.name for segment in BY_HAND.segments]
seeds = st.integers(0, 2**31)


def names_of(centroids: Numbers, scales: tuple[Scale, ...] = SCALES, former: Fitted | None = BY_HAND) -> list[str]:
    return [name.en for name in named(centroids, scales, former).names]


def test_a_name_follows_from_what_sets_the_segment_apart() -> None:
    much, little = np.diag([3.0] * len(TRAITS)), np.diag([-3.0] * len(TRAITS))
    much_of = {name.trait: name.en for name in NAMES if name.sign > 0}
    little_of = {name.trait: name.en for name in NAMES if name.sign < 0}
    assert names_of(much, former=None) == [much_of[trait] for trait in TRAITS]
    has_name = [place for place, trait in enumerate(TRAITS) if trait in little_of]
    assert names_of(little[has_name], former=None) == [little_of[TRAITS[place]] for place in has_name]
    assert names_of(np.zeros((1, len(TRAITS))), former=None) == ["typical"]


@given(seeds)
def test_names_are_unique_and_true_and_do_not_depend_on_the_order_of_clusters(seed: int) -> None:
    draw = np.random.default_rng(seed)
    centroids = draw.normal(0.0, 2.0, (6, len(TRAITS)))
    try:
        found = named(centroids, SCALES, None).names
    except NothingSetsApart:
        return
    assert len(set(found)) == 6
    for name, centroid in zip(found, centroids, strict=True):
        if name.trait is not None:
            assert name.sign * centroid[TRAITS.index(name.trait)] > 0
    order = draw.permutation(6)
    assert named(centroids[order], SCALES, None).names == tuple(found[place] for place in order)


@given(seeds)
def test_names_stay_though_clusters_come_in_another_order_and_drift(seed: int) -> None:
    draw = Random(seed)
    order = draw.sample(range(3), 3)
    step = 0.09 / len(TRAITS) ** 0.5  # less than any of these centroids is from losing its name
    drifted = CENTROIDS + np.array([[draw.uniform(-step, step) for _ in TRAITS] for _ in CENTROIDS])
    found = named(drifted[order], SCALES, BY_HAND)
    assert [name.en for name in found.names] == [FORMER[place] for place in order]
    assert found.kept == 3


@given(seeds)
def test_names_stay_though_the_scales_are_others(seed: int) -> None:
    draw = Random(seed)
    scales = tuple(
        replace(one, centre=one.centre + draw.uniform(-0.04, 0.04), spread=one.spread * draw.uniform(0.95, 1.05))
        for one in SCALES
    )
    natural = CENTROIDS * [one.spread for one in SCALES] + [one.centre for one in SCALES]
    retold = (natural - [one.centre for one in scales]) / [one.spread for one in scales]
    assert names_of(retold, scales) == FORMER


def test_what_has_moved_too_far_is_new_and_gets_a_name_that_was_nobodys() -> None:
    moved = CENTROIDS.copy()
    moved[1] += [1.2 * NEAR, 0, 0, 0, 0, 0]
    found = named(moved, SCALES, BY_HAND)
    assert found.kept == 2
    assert found.names[1].en not in FORMER
    assert [found.names[0].en, found.names[2].en] == [FORMER[0], FORMER[2]]


def test_a_name_that_is_no_longer_true_is_given_up() -> None:
    poor = replace(BY_HAND, segments=(replace(BY_HAND.segments[0], name="savers", centroid=(0.2, 0, 0, 0, 0, 0)),))
    assert names_of(np.array([[0.1, 0.0, 0.0, 0.0, 0.0, 0.0]]), former=poor) == ["savers"]
    assert names_of(np.array([[-0.1, 0.0, 0.0, 0.0, 0.0, 0.0]]), former=poor) == ["typical"]


def test_a_name_that_nothing_is_called_by_any_more_is_given_up_too() -> None:
    old = replace(BY_HAND, segments=(replace(BY_HAND.segments[1], name="of-long-ago"),))
    found = named(CENTROIDS[1:2], SCALES, old)
    assert (found.names[0].en, found.kept) == ("savers", 0)


def test_a_cluster_that_no_name_is_true_of_is_refused() -> None:
    alike = np.full((len(NAMES), len(TRAITS)), 0.1)
    with pytest.raises(NothingSetsApart):
        named(alike, SCALES, None)
