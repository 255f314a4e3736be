"""A risk is decided by the model in force at its moment: an announced one waits for its day, and a replay is life."""

from dataclasses import replace
from datetime import date, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_alert.risk.documents import RiskModelDocument, read_document
from churn_alert.risk.domain.calibration import logistic, logit
from churn_alert.risk.domain.crossing import Rules, anchor_of, catch_up, settle, silence_raises_at
from churn_alert.risk.domain.model import RiskModel
from churn_alert.risk.normal_ranges import read_ranges
from churn_alert.risk.versions import rules_of
from rapport.succession import succession
from tests.churn_alert.lives import BANK, DAY, HOUR, RULES, START, drawn, lived, steady, when
from tests.churn_alert.risk.test_crossing import MODEL, seen, with_looks

slowly = settings(deadline=None, max_examples=25)
NEXT = MODEL.version + 1


def moved(by: float) -> RiskModel:
    """The next version: its thresholds lie so much further in log-odds."""
    upper, lower = (logistic(logit(one) + by) for one in (MODEL.upper, MODEL.lower))
    return replace(MODEL, version=NEXT, upper=upper, lower=lower)


def followed(begins: datetime, by: float) -> Rules:
    return succession([(START, RULES), (begins, replace(RULES, model=moved(by)))])


@slowly
@given(st.integers(0, 100_000), st.sampled_from([0.3, 0.8]), st.integers(60, 400), st.sampled_from([-1.0, 1.0]))
def test_whenever_somebody_looks_each_crossing_is_by_the_model_in_force_at_it(
    seed: int, share: float, day: int, by: float
) -> None:
    rules, random = followed(START + day * DAY, by), Random(seed)
    events = drawn(random, "c-1")
    (_, once), (_, looked) = lived(events, rules=rules), with_looks(events, random, share, rules)
    assert seen(looked) == seen(once)
    for one in once:
        assert one.model.version == rules.at(one.at).model.version
        assert one.threshold in {one.model.upper, one.model.lower}


@slowly
@given(st.integers(0, 100_000), st.integers(1, 90), st.sampled_from([-1.5, -0.5, 0.5]))
def test_silence_raises_the_risk_when_the_model_in_force_first_says_so(seed: int, day: int, by: float) -> None:
    """Against an hourly search that asks the version in force at each hour."""
    events = drawn(Random(seed), "c-1")
    risk, _ = lived(events)
    last = when(events[-1])
    rules = followed(last + day * DAY, by)
    found = silence_raises_at(risk, rules)
    for hour in range(24 * 150):
        at = last + hour * HOUR
        now = rules.at(at)
        anchor = anchor_of(risk, now)
        assert anchor is not None
        is_over = now.model.log_odds(anchor, anchor.silence(at)) >= now.model.upper_log_odds
        begins = max(START, risk.first_event_at or START) + now.model.least_history
        may = not risk.is_raised and at >= begins and (risk.level_since is None or at >= risk.level_since + MODEL.rest)
        if is_over and may and (risk.active_days and risk.active_days.bits.bit_count() >= MODEL.least_active_days):
            assert found is not None
            assert at - HOUR <= found <= at
            return
        assert found is None or found > at - HOUR


def test_an_announced_model_raises_the_silent_on_its_day_and_nobody_before() -> None:
    risk, _ = lived(steady("c-1", 200))
    settle(risk, RULES)
    alone = silence_raises_at(risk, RULES)
    assert alone is not None
    begins = alone - 2 * DAY
    eager = followed(begins, -2.0)
    settle(risk, eager)
    assert risk.model_version == NEXT, "its timer knows of the announced version"
    assert risk.due_at is not None
    assert risk.due_at <= begins
    assert catch_up(risk, eager, begins - HOUR) is None
    crossing = catch_up(risk, eager, begins + DAY)
    assert crossing is not None
    assert (crossing.at, crossing.cause, crossing.model.version) == (begins, "silence", NEXT)


def document(model: RiskModelDocument, version: int, begins: date) -> RiskModelDocument:
    return model.model_copy(update={"version": version, "effective_from": begins})


def test_models_and_ranges_go_on_each_on_its_own_day_by_the_banks_calendar() -> None:
    model, ranges = read_document(), read_ranges()
    models = [document(model, 2, date(2025, 1, 1)), document(model, 3, date(2025, 6, 1))]
    both = [ranges.model_copy(update={"version": one, "effective_from": date(2025, one, 1)}) for one in (2, 4)]
    rules = rules_of(BANK, models, both)
    held = [(one.model.version, one.ranges.version) for one in (rules, *(later for _, later in rules.later))]
    assert held == [(2, 2), (2, 4), (3, 4)]
    assert [begins.astimezone(BANK.zone) for begins, _ in rules.later] == [
        datetime(2025, 4, 1, tzinfo=BANK.zone),
        datetime(2025, 6, 1, tzinfo=BANK.zone),
    ]


@pytest.mark.parametrize("days", [0, 10])
def test_a_single_version_holds_for_all_that_was_before_it_too(days: int) -> None:
    rules = rules_of(BANK, [document(read_document(), 2, date(2030, 1, 1))], [read_ranges()])
    assert rules.at(START + days * DAY) == rules
    assert rules.next_after(START) is None
