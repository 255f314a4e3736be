"""The lifetime value as a feature of a scorecard: reckoned only where it is asked for, by the model of the moment."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rapport.events.base import Event
from scoring.exchange_rate.domain import NO_RATES
from scoring.lifetime_value.domain.model import LifetimeModel
from scoring.scorecard.domain import Feature
from scoring.scorecard.files import PUBLISHED
from scoring.standing.domain.evidence import evidence_of, values_of
from scoring.standing.domain.state import Standing
from scoring.standing.domain.tiering import decide
from tests.scoring.facts import DAY, MONDAY, life
from tests.scoring.lifetime_value.banks import FITTED, NOW, every
from tests.scoring.lifetime_value.keeping import keep_model_of
from tests.scoring.replaying import outcome, replay
from tests.scoring.rules import BALANCE, BANK, card, rules
from tests.support.serving import Start

VALUE = Feature("lifetime_value", "value", "money", "value of a year", (500.0,), (0, 60), 20, 30.0)
ASKING = card(VALUE, BALANCE)
MODEL = LifetimeModel(1, NOW - DAY, FITTED)
AMID = datetime(2025, 9, 1, tzinfo=UTC)
UNTIL = MONDAY + 400 * DAY


def active() -> Standing:
    return Standing("c-1", active_days=every(2, 60), own_minor=60 * 40_000)


def test_without_a_model_or_before_it_is_in_force_the_value_is_unknown() -> None:
    by = rules(ASKING)
    decided = active()
    decide(decided, by, NOW)
    assert decided.points == 20
    by.models.take([MODEL])
    for at, points in ((MODEL.made_at, 20), (MODEL.made_at + timedelta(minutes=1), 60)):
        decided = active()
        decide(decided, by, at)
        assert decided.points == points


def test_evidence_tells_the_value_in_money() -> None:
    values = values_of(active(), NOW, BANK, NO_RATES, MODEL)
    assert values.lifetime_value == FITTED.value_of(every(2, 60), 60 * 40_000, NOW, BANK.zone)
    (item, _) = evidence_of(ASKING, values)
    assert (item.value, item.points) == (values.lifetime_value, 60)


def test_a_scorecard_that_does_not_ask_costs_no_evaluation() -> None:
    by = rules(card(), card(VALUE, BALANCE, version=2, effective_from=NOW))
    by.models.take([MODEL])
    before, after = by.cards.cards
    assert (by.model_for(NOW, before), by.model_for(NOW, after), by.model_for(NOW, before, after)) == (
        None,
        MODEL,
        MODEL,
    )
    assert values_of(active(), NOW, BANK, NO_RATES).lifetime_value is None


def count_it(document: dict[str, Any]) -> None:
    document["features"].append(
        {
            "name": "lifetime_value",
            "dimension": "value",
            "unit": "money",
            "words": "value of a year",
            "edges": [20, 50, 100, 200, 500],
            "points": [0, 20, 40, 60, 80, 100],
            "points_if_unknown": 0,
            "typical_points": 40.0,
        }
    )


def reach_by_it(document: dict[str, Any]) -> None:
    ladder = document["thresholds"]
    ladder["lifetime_value_band"] = 0.2
    for place, value in ((1, 20), (2, 60)):
        ladder["tiers"][place]["lifetime_value_from"] = value


@pytest.fixture(params=[count_it, reach_by_it], ids=["as a feature", "in the ladder"])
def asking(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A folder with a scorecard that looks at the value and is easily moved by it."""
    folder = tmp_path / "cards"
    folder.mkdir()
    document = json.loads((PUBLISHED / "retail-cny-1.json").read_text())
    request.param(document)
    (folder / "1.json").write_text(json.dumps(document))
    return folder


@pytest.fixture(scope="module")
def history() -> list[Event]:
    return life(seed=11, customers=8, days=270)


async def test_replay_equals_life_though_a_model_came_amid_it(
    running: Start, history: list[Event], asking: Path
) -> None:
    without = await running("stream", scorecards=asking)
    await replay(without, history, until=UNTIL, size=500, sweeps=False)
    found = []
    for size, sweeps in ((10_000, False), (29, True)):
        service = await running("stream", scorecards=asking)
        await keep_model_of(service.runtime.engine, made_at=AMID)
        await replay(service, history, until=UNTIL, size=size, sweeps=sweeps)
        found.append(await outcome(service))
    assert found[0] == found[1]
    before, after = parted(found[0]["decisions"])
    assert before == parted((await outcome(without))["decisions"])[0]
    assert after and all(one["values"]["lifetime_value"] is not None for one in after)
    assert after != parted((await outcome(without))["decisions"])[1]


def parted(decisions: list[Any]) -> tuple[list[Any], list[Any]]:
    """Those before the model is in force, and those after."""
    begins = AMID + timedelta(minutes=1)
    is_before = [datetime.fromisoformat(one["decided_at"]) < begins for one in decisions]
    pairs = list(zip(is_before, decisions, strict=True))
    return [one for early, one in pairs if early], [one for early, one in pairs if not early]
