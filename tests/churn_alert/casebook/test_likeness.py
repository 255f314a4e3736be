"""What is most like an alert: by a distance that is one, equal to a plain recount, and never naming a stranger."""

from dataclasses import replace
from pathlib import Path
from random import Random
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from churn_alert.casebook.documents import PUBLISHED, read_likeness
from churn_alert.casebook.domain.likeness import PARTS, Alike, Point, compared, most_alike
from churn_alert.risk.domain.indicators import FOUR
from rapport.documents import DocumentInvalid
from tests.churn_alert.casebook.conftest import DAY, OPENED, Write, case, task
from tests.support.consenting import consents
from tests.support.delivering import Delivering
from tests.support.grouping import merge
from tests.support.sight import FOREIGN, MANAGER, OWN, client_of, tell_who_manages
from tests.support.tokens import TestIssuer

RULES = read_likeness().rules()
SPREADS = st.one_of(st.none(), st.floats(-20, 20))
KIND = st.one_of(st.none(), st.sampled_from(["a", "b"]))
POINTS = st.builds(
    Point, st.integers(0, 2**64).map(lambda one: UUID(int=one)), st.tuples(*[SPREADS] * 4), st.tuples(*[KIND] * 3)
)


def nearest(asked: Point, found: Point) -> Alike | None:
    """The one case there is, whatever the id of either."""
    return next(iter(most_alike(asked._replace(alert_id=UUID(int=2**65)), [found], RULES, most=1)), None)


@given(POINTS, POINTS)
def test_likeness_is_mutual_within_bounds_and_whole_of_the_same(one: Point, other: Point) -> None:
    there, back = nearest(one, other), nearest(other, one)
    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert 0.0 <= there.distance <= 1.0
        assert there.distance == pytest.approx(back.distance)
    same = nearest(one, one)
    assert same is None or same.distance == 0.0


@given(POINTS, st.lists(POINTS, max_size=30), st.integers(1, 8))
def test_no_case_that_is_left_out_is_nearer_than_one_that_is_told(asked: Point, those: list[Point], most: int) -> None:
    cases = [one._replace(alert_id=UUID(int=2**66 + number)) for number, one in enumerate(those)]
    told = most_alike(asked, cases, RULES, most=most)
    distances = [one.distance for one in told]
    assert distances == sorted(distances)
    all_of_them = most_alike(asked, cases, RULES, most=len(cases) + 1)
    assert told == all_of_them[:most]
    assert len(told) == min(most, len(all_of_them))


def one_by_one(asked: Point, cases: list[Point], most: int) -> list[Alike]:
    """The same, case by case and part by part."""
    found = []
    for one in cases:
        parts = compared(asked, one, RULES)
        weight = sum(part.weight for part in parts)
        if weight > 0.0 and sum(part.name in FOUR for part in parts) >= RULES.least_indicators:
            found.append(Alike(one.alert_id, sum(part.distance * part.weight for part in parts) / weight, parts))
    return sorted((one for one in found if one.alert_id != asked.alert_id), key=lambda one: (one.distance, one[0]))[
        :most
    ]


@given(POINTS, st.lists(POINTS, max_size=30), st.integers(1, 40))
def test_all_at_once_they_are_those_found_one_by_one(asked: Point, cases: list[Point], most: int) -> None:
    cases = [one._replace(alert_id=UUID(int=2**65 + number)) for number, one in enumerate([*cases, *cases])] + [asked]
    told = most_alike(asked, cases, RULES, most=most)
    wanted = one_by_one(asked, cases, most)
    assert [one.distance for one in told] == pytest.approx([one.distance for one in wanted], abs=1e-12)
    everyone = {one.alert_id: one for one in one_by_one(asked, cases, len(cases))}
    assert all(
        one.parts == compared(asked, next(c for c in cases if c.alert_id == one.alert_id), RULES) for one in told
    )
    assert all(one.distance == pytest.approx(everyone[one.alert_id].distance, abs=1e-12) for one in told)


def test_of_many_that_are_equally_near_the_lower_ids_are_told() -> None:
    asked = Point(UUID(int=2**65), (-1.0, 0.0, 0.0, 0.0), ("a", None, None))
    cases = [asked._replace(alert_id=UUID(int=number)) for number in reversed(range(1000))]
    assert most_alike(asked, cases, RULES, most=10) == one_by_one(asked, cases, 10)
    assert [one.alert_id.int for one in most_alike(asked, cases, RULES, most=10)] == list(range(10))


def test_farther_out_in_one_indicator_is_less_alike_and_beyond_the_most_it_is_all_one() -> None:
    asked = Point(UUID(int=1), (-1.0, 0.0, 0.0, 0.0), ("mature", "high", None))

    def apart(deviation: float) -> float:
        found = nearest(asked, asked._replace(deviations=(deviation, 0.0, 0.0, 0.0)))
        assert found is not None
        return found.distance

    assert apart(-1.0) < apart(-2.0) < apart(-4.0) < apart(-5.0)
    assert apart(-5.0) == apart(-50.0)


def test_what_is_known_of_one_alone_is_not_compared_and_too_little_is_no_likeness() -> None:
    asked = Point(UUID(int=1), (-3.0, None, 0.0, None), ("mature", None, "savers"))
    other = Point(UUID(int=2), (-3.0, -1.0, None, 0.0), ("new", "high", "savers"))
    assert [one.name for one in compared(asked, other, RULES)] == ["transactions", "stage", "segment"]
    assert nearest(asked, other) is None, "one indicator of both is fewer than the document asks for"
    assert nearest(asked, other._replace(deviations=(-3.0, None, 0.0, None))) is not None


def test_the_distance_is_that_of_gower() -> None:
    """Independent: written out as the paper has it, over many pairs."""
    random = Random(5)

    def drawn(number: int) -> Point:
        spreads = tuple(random.choice([None, random.uniform(-8, 8)]) for _ in FOUR)
        return Point(UUID(int=number), spreads, tuple(random.choice([None, "a", "b"]) for _ in range(3)))

    for number in range(1, 400):
        mine, theirs = drawn(0), drawn(number)
        above = below = 0.0
        for place, name in enumerate(PARTS):
            x, y = (*mine.deviations, *mine.kinds)[place], (*theirs.deviations, *theirs.kinds)[place]
            if x is None or y is None:
                continue
            if isinstance(x, str):
                s = 1.0 if x == y else 0.0
            else:
                assert not isinstance(y, str)
                s = 1.0 - abs(max(-5.0, min(5.0, x)) - max(-5.0, min(5.0, y))) / 10.0
            above += RULES.weights[name] * s
            below += RULES.weights[name]
        found = nearest(mine, theirs)
        if found is not None:
            assert 1.0 - found.distance == pytest.approx(above / below)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"segment": 1', '"colour": 1', "name each of"),
        ('"transactions": 2', '"transactions": -1', "weights.transactions"),
        ('"latest_cases": 20000', '"latest_cases": 0', "latest_cases"),
        ('"most_deviations": 5', '"most_deviations": 0', "most_deviations"),
        ('"least_indicators": 2', '"least_indicators": 9', "least_indicators"),
    ],
)
def test_a_document_that_breaks_a_rule_is_refused_by_its_field(tmp_path: Path, old: str, new: str, said: str) -> None:
    written = PUBLISHED.read_text()
    assert old in written
    (tmp_path / "own.json").write_text(written.replace(old, new))
    with pytest.raises(DocumentInvalid, match=said):
        read_likeness(tmp_path / "own.json")


async def test_of_an_open_alert_it_is_told_what_was_done_for_whoever_drifted_away_alike(
    write: Write, watcher: httpx.AsyncClient
) -> None:
    feedback, called = {"service_feedback": -4.0}, task("care-call", OPENED + DAY, "content")
    (alert_id, *_) = await write(
        case("c-0", open_for=None, out=feedback),
        case("c-1", out=feedback | {"transactions": 1.0}, gone=False, steps=[called]),
        case("c-2", out={"transactions": 4.0}),
        case("c-3", out=feedback, outcome="merged"),
        case("c-4", out=feedback, stage="new", tier="high", segment="other"),
    )
    found = (await watcher.get(f"/cases/{alert_id}/similar", params={"limit": 2})).json()
    assert found["looked_through"] == 3, "files that were merged say nothing of what helps"
    first, second = found["items"]
    assert first["likeness"] > second["likeness"]
    assert [one["action"] for one in first["case"]["steps"]] == ["care-call"]
    assert (first["case"]["outcome"], first["case"]["observed"]) == ("retained", "stayed")
    parts = {one["part"]: one for one in first["parts"]}
    assert (parts["service-feedback"]["asked"], parts["service-feedback"]["found"]) == (4.0, 4.0)
    assert first["parts"][0]["likeness"] == 1.0, "what made them alike comes first"
    assert first["parts"][-1]["part"] == "transactions"


async def test_a_strangers_case_is_told_without_customer_name_and_moment(
    service: Delivering, app: FastAPI, issuer: TestIssuer, write: Write
) -> None:
    await tell_who_manages(service)
    mine, _, theirs, held_out = await write(
        case(OWN, open_for=None),
        case(OWN, at=OPENED - 30 * DAY),
        case(FOREIGN, steps=[task("care-call", OPENED + DAY, "content")]),
        case(FOREIGN, arm="held-out", at=OPENED + 20 * DAY),
    )
    async with client_of(app, issuer, "rm", subject=MANAGER) as client:
        found = await client.get(f"/cases/{mine}/similar")
        assert (await client.get(f"/cases/{theirs}/similar")).status_code == 404
    assert len(found.json()["items"]) == 2
    for hidden in (FOREIGN, str(theirs), str(held_out), "2025-03-04T"):
        assert hidden not in found.text
    (strange,) = [one["case"] for one in found.json()["items"] if one["case"]["alert_id"] is None]
    assert (strange["closed_in"], strange["steps"][0]["action"]) == ("2025-03", "care-call")


async def test_nobody_is_compared_with_who_refuses_to_be_cared_for(
    service: Delivering, write: Write, watcher: httpx.AsyncClient
) -> None:
    (alert_id, _) = await write(case("c-0", open_for=None), case("c-1"))
    assert len((await watcher.get(f"/cases/{alert_id}/similar")).json()["items"]) == 1
    await service.deliver(service.feed.record(consents("c-1", refused=["churn-care"])))
    assert (await watcher.get(f"/cases/{alert_id}/similar")).json()["items"] == []


async def test_a_refusal_on_another_file_of_the_person_is_the_persons(
    service: Delivering, write: Write, watcher: httpx.AsyncClient
) -> None:
    (alert_id, _) = await write(case("c-0", open_for=None), case("c-1"))
    await service.deliver(*map(service.feed.record, merge(1, "c-1", "c-2")))
    assert len((await watcher.get(f"/cases/{alert_id}/similar")).json()["items"]) == 1
    await service.deliver(service.feed.record(consents("c-2", refused=["churn-care"])))
    assert (await watcher.get(f"/cases/{alert_id}/similar")).json()["items"] == []


def test_a_part_that_weighs_nothing_makes_nobody_alike() -> None:
    asked, other = (Point(UUID(int=n), (-3.0, 0.0, 0.0, 0.0), (kind, None, None)) for n, kind in ((1, "a"), (2, "b")))
    weightless = replace(RULES, weights=dict(RULES.weights) | {"stage": 0.0})
    assert most_alike(asked, [other], weightless, most=1)[0].distance == 0.0
    assert most_alike(asked, [other], RULES, most=1)[0].distance > 0.0
