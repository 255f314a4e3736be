"""What the explanation over REST is made of: the version in force, the present evidence, the decision it explains."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from scoring.scorecard.domain import Thresholds, Values
from scoring.standing.domain.evidence import evidence_of, points_by_dimension
from scoring.standing.domain.people import Override
from scoring.standing.domain.reaching import way_up
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing
from scoring.standing.domain.words import told
from scoring.standing.explanation import ExplanationView, change_told, explained
from scoring.standing.store.decisions import Origin
from scoring.standing.store.reading import Seen
from tests.scoring.rules import BANK, DAYS, PUBLISHED, card, rules
from tests.scoring.standing.test_state import NOON

CAUSE = UUID(int=7)


def customer(**fields: Any) -> Standing:
    return Standing("c-1", tier="low", tier_since=NOON, decided_at=NOON, revision=3, **fields)


def explanation(standing: Standing, by: Rules, at: datetime = NOON) -> ExplanationView:
    return explained(Seen(standing, 0, None, None), at, by, Origin(CAUSE, None))


def test_the_version_in_force_explains_and_neither_the_first_nor_the_next() -> None:
    month = timedelta(days=30)
    by_days = Thresholds(("low", "high"), (7,), band=1, dwell=month, review=month)
    second = card(DAYS, version=2, effective_from=NOON - month, limits=by_days)
    versions = rules(card(), second, card(version=3, effective_from=NOON + month))
    found = explanation(customer(), versions)
    assert (found.scorecard_version, [item.feature for item in found.evidence]) == (2, ["active_days"])
    assert "by scorecard 2" in found.texts.staff.en
    assert explanation(customer(), versions, NOON - 2 * month).scorecard_version == 1


def test_it_has_points_by_feature_with_values_and_bins_and_names_the_decision_and_its_cause() -> None:
    found = explanation(customer(), rules())
    assert (found.revision, found.cause_event_id) == (3, CAUSE)
    assert sum(item.points for item in found.evidence) == found.points
    balance = found.evidence[0]
    assert (balance.feature, balance.value, balance.bin_from, balance.bin_below) == (
        "average_balance", "0.00", None, "1000.00"
    )  # fmt: skip


def test_no_way_up_is_shown_where_people_decide() -> None:
    free = explanation(customer(), rules())
    assert (free.next_tier, free.missing_points is not None, free.changes != []) == ("middle", True, True)
    until = NOON + timedelta(days=30)
    for by_people in (customer(override=Override(UUID(int=1), "low", until)), customer(automation_refused=True)):
        found = explanation(by_people, rules())
        assert (found.next_tier, found.missing_points, found.changes) == (None, None, [])
        for spoken in (found.texts.customer, found.texts.staff):
            assert "can be reached" not in spoken.en and "有望" not in spoken.zh


def test_the_example_in_the_reference_is_one_that_the_published_scorecard_gives() -> None:
    (example,) = ExplanationView.model_config["json_schema_extra"]["examples"]  # type: ignore[index,call-overload]
    published = PUBLISHED.cards.cards[0]
    values = Values(1_825_040.0, 0, 1_600_000.0, 0.8, None, 41, 2, None, None, 0.0, 0.0, 4_200_000.0)
    evidence = evidence_of(published, values)
    way = way_up(published, evidence, example["tier"])
    assert way is not None
    assert example["scorecard_version"] == published.version
    assert example["points"] == published.points_of(values)
    assert example["points_by_dimension"] == points_by_dimension(evidence)
    assert example["evidence"] == [told(evidence[0], BANK)]
    assert (example["next_tier"], example["missing_points"]) == (way.tier, way.missing)
    assert example["changes"] == [
        one | {"words": one["words"]._asdict()} for one in (change_told(change, BANK) for change in way.changes)
    ]
