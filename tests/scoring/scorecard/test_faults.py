"""Whatever is wrong with a document is found at once, each fault by the path of its field."""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fit_scorecard.expert import EXPERT
from scoring.scorecard.documents import ScorecardContent
from scoring.scorecard.domain.features import KNOWN, Values

Content = dict[str, Any]
Plant = Callable[[Content], None]


def content() -> Content:
    """A scorecard without version and date that looks at every feature, its ladder a list of four steps."""
    found: Content = EXPERT.model_dump(mode="json", exclude={"version", "effective_from"})
    steps = [{"tier": "low"}, {"tier": "middle", "from": 120}, {"tier": "high", "from": 160}]
    ladder = [*steps, {"tier": "private", "from": 205}]
    found["thresholds"] = {"tiers": ladder, "band": 5, "dwell_days": 28, "review_days": 30}
    return found


def of_feature(place: int, field: str, value: Any) -> Plant:
    return lambda found: found["features"][place].update({field: value})


def of_ladder(field: str, value: Any) -> Plant:
    return lambda found: found["thresholds"].update({field: value})


def of_step(place: int, field: str, value: Any) -> Plant:
    return lambda found: found["thresholds"]["tiers"][place].update({field: value})


def of_content(field: str, value: Any) -> Plant:
    return lambda found: found.update({field: value})


PLANTED: dict[str, tuple[Plant, str]] = {
    "features.0.points": (of_feature(0, "points", [0, 6, 13, 12, 30, 40, 50, 58]), "not monotone"),
    "features.1.edges.1": (of_feature(1, "edges", [10_000, 1, 40_000, 100_000, 300_000, 1_000_000]), "overlap"),
    "features.2.edges.3": (of_feature(2, "edges", [1000, 4000, 9000, 9000, 26_000, 50_000, 100_000]), "empty bin"),
    "features.3.points": (of_feature(3, "points", [0, 4, 9]), "one bin more"),
    "features.4.unit": (of_feature(4, "unit", "days"), "not that of the feature"),
    "features.5.words": (of_feature(5, "words", ""), "at least 3"),
    "features.6.name": (of_feature(6, "name", "shoe_size"), "not a known feature"),
    "features.7.points_if_unknown": (of_feature(7, "points_if_unknown", 14), "nobody can have"),
    "features.8.typical_points": (of_feature(8, "typical_points", -0.1), "nobody can have"),
    "features.9.dimension": (of_feature(9, "dimension", "value"), "not that of the feature"),
    "features.10.name": (of_feature(10, "name", "penalty_interest"), "counts already"),
    "thresholds.tiers.1.from": (of_step(1, "from", 3), "fallen below"),
    "thresholds.tiers.3.from": (of_step(3, "from", 900), "out of reach"),
    "thresholds.dwell_days": (of_ladder("dwell_days", 367), "0 to 366"),
    "thresholds.review_days": (of_ladder("review_days", 0), "1 to 366"),
    "currency": (of_content("currency", "XXX"), "not an active currency"),
    "name": (of_content("name", "Retail CNY"), "pattern"),
    "author": (of_content("author", " "), "at least 1"),
    "version": (of_content("version", 3), "not permitted"),
    "pdo": (of_content("pdo", 30), "have a pdo of 20: multiply points"),
    "features.11.points": (of_feature(11, "points", [38, 31, 25, 19, 14, 9, 4, 0]), "may not earn less"),
    "features.12.edges.1": (of_feature(12, "edges", [1, 4.5]), "nobody has more"),
}
UNREADABLE = "features.5.words"
OF_ALL = {"thresholds.tiers.1.from", "thresholds.tiers.3.from"}
"""A feature that cannot be read may be the one that earns the points: nobody can say then what is out of reach."""


def faults_of(found: Content) -> dict[str, str]:
    try:
        ScorecardContent.model_validate(found)
    except ValidationError as invalid:
        return {".".join(map(str, fault["loc"])): fault["msg"] for fault in invalid.errors()}
    return {}


def test_the_document_that_faults_are_planted_in_has_none() -> None:
    assert faults_of(content()) == {}


@given(st.sets(st.sampled_from(sorted(PLANTED)), min_size=1))
def test_every_planted_fault_is_named_and_no_other(places: set[str]) -> None:
    found = content()
    for place in places:
        PLANTED[place][0](found)
    told = faults_of(found)
    hidden = OF_ALL if UNREADABLE in places else set()
    assert set(told) == places - hidden
    for place in places - hidden:
        assert PLANTED[place][1] in told[place]


def by_value(values: dict[int, float], band: float = 0.2) -> Plant:
    def plant(found: Content) -> None:
        found["thresholds"]["lifetime_value_band"] = band
        for place, value in values.items():
            found["thresholds"]["tiers"][place]["lifetime_value_from"] = value

    return plant


def test_steps_may_be_reached_by_a_lifetime_value_of_the_currency_too() -> None:
    found = content()
    by_value({1: 90.0, 3: 140.0})(found)
    read = ScorecardContent.model_validate(found)
    assert read.card(1, datetime(2025, 1, 1, tzinfo=UTC)).thresholds.values == (9_000.0, None, 14_000.0)
    assert ScorecardContent.model_validate(read.model_dump(mode="json")) == read
    assert "lifetime_value" not in ScorecardContent.model_validate(content()).thresholds.model_dump_json()


NINE = [{"tier": "step-0"}, *({"tier": f"step-{n}", "from": 20 * n} for n in range(1, 9))]


@pytest.mark.parametrize(
    ("plant", "place"),
    [
        (of_ladder("band", 25), "thresholds.band"),
        (of_ladder("band", -1), "thresholds.band"),
        (of_step(2, "from", 120), "thresholds.tiers.2.from"),
        (of_step(2, "tier", "low"), "thresholds.tiers.2.tier"),
        (of_step(2, "from", None), "thresholds.tiers"),
        (of_step(0, "from", 5), "thresholds.tiers"),
        (of_ladder("tiers", [{"tier": "low"}]), "thresholds.tiers"),
        (of_ladder("tiers", NINE), "thresholds.tiers"),
        (of_step(2, "lifetime_value_from", 100), "thresholds"),
        (of_ladder("lifetime_value_band", 0.2), "thresholds"),
        (of_step(0, "lifetime_value_from", 100), "thresholds.tiers"),
        (by_value({1: 0.0}), "thresholds.tiers.1.lifetime_value_from"),
        (by_value({1: -5.0}), "thresholds.tiers.1.lifetime_value_from"),
        (by_value({1: 90.0, 3: 130.0}), "thresholds.tiers.3.lifetime_value_from"),
        (by_value({1: 90.0}, band=0.6), "thresholds.lifetime_value_band"),
        (of_content("features", []), "features"),
        (of_content("features", None), "features"),
        (of_content("surprise", 1), "surprise"),
    ],
)
def test_a_ladder_at_fault_is_named_too(plant: Plant, place: str) -> None:
    found = content()
    plant(found)
    assert place in faults_of(found)


@pytest.mark.parametrize(
    ("plant", "place"),
    [
        (of_ladder("dwell_days", 10**12), "thresholds.dwell_days"),
        (of_ladder("band", 10**30), "thresholds.band"),
        (of_step(3, "from", 10**30), "thresholds.tiers.3.from"),
        (of_feature(0, "points", [0, 6, 13, 21, 30, 40, 50, 10**30]), "features.0.points.7"),
        (of_feature(1, "edges", [1, 10_000, 40_000, 100_000, 300_000, 1e300]), "features.1.edges.5"),
        (of_feature(2, "edges", [1000, 4000, 9000, 15_000, 26_000, 50_000, float("nan")]), "features.2.edges.6"),
    ],
)
def test_a_number_that_nothing_could_hold_is_a_fault_too(plant: Plant, place: str) -> None:
    found = content()
    plant(found)
    assert list(faults_of(found)) == [place]


@given(st.sampled_from(sorted(content())), st.none() | st.integers() | st.text() | st.lists(st.integers()))
def test_no_content_whatever_is_a_fault_of_ours(field: str, value: object) -> None:
    found = content() | {field: value}
    told = faults_of(found)
    assert told == {} or all(told.values())


def test_a_ladder_of_three_may_be_written_by_two_thresholds() -> None:
    short, long = content(), deepcopy(content())
    rest = {"band": 5, "dwell_days": 28, "review_days": 30}
    short["thresholds"] = {"middle": 160, "high": 205} | rest
    tiers = [{"tier": "low"}, {"tier": "middle", "from": 160}, {"tier": "high", "from": 205}]
    long["thresholds"] = {"tiers": tiers} | rest
    assert ScorecardContent.model_validate(short) == ScorecardContent.model_validate(long)
    assert ScorecardContent.model_validate(short).model_dump(mode="json") == long


def test_of_every_feature_dimension_and_unit_are_known() -> None:
    assert tuple(KNOWN) == Values._fields


def test_a_document_in_which_the_lifetime_value_still_counts_as_potential_stays_valid() -> None:
    place = list(Values._fields).index("lifetime_value")
    found = content()
    assert found["features"][place]["dimension"] == "value"
    of_feature(place, "dimension", "potential")(found)
    assert faults_of(found) == {}
    of_feature(place, "dimension", "risk")(found)
    assert faults_of(found) == {f"features.{place}.dimension": "is not that of the feature, value"}
