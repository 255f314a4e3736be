"""What is kept of a customer: the same for any order of events, and only what says something about leaving."""

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.sums import SUMS
from rapport.events.base import Event
from tests.churn_alert.lives import DAY, HOUR, START, complained, drawn, fold, paid, salary, taken_back, used


def folded(*events: Event) -> Risk:
    risk = Risk("c-1")
    for event in events:
        fold(risk, event)
    return risk


def sums(risk: Risk) -> dict[str, float]:
    """Each sum as the year's, which hardly decays within a test."""
    return {name: risk.sums.values[4 * place + 3] for place, name in enumerate(SUMS)}


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), shuffle=st.randoms(use_true_random=False))
def test_any_order_of_the_same_events_gives_the_same_state(seed: int, shuffle: Random) -> None:
    events = drawn(Random(seed), "c-1", days=200)
    shuffled = list(events)
    shuffle.shuffle(shuffled)
    one, other = folded(*events), folded(*shuffled)
    gross = folded(*(event for event in events if getattr(event, "reverses", None) is None))
    assert (one.own_transactions, one.channel_uses, one.negative_feedbacks) == (
        other.own_transactions,
        other.channel_uses,
        other.negative_feedbacks,
    )
    assert (one.active_days, one.first_event_at, one.last_activity_at, one.sums.as_of) == (
        other.active_days,
        other.first_event_at,
        other.last_activity_at,
        other.sums.as_of,
    )
    scale = max(map(abs, gross.sums.values), default=1.0)
    assert one.sums.values == pytest.approx(other.sums.values, rel=1e-9, abs=1e-9 * scale)


def test_only_what_customers_do_themselves_is_activity() -> None:
    risk = folded(salary("c-1", START), complained("c-1", START + HOUR))
    assert (risk.active_days, risk.last_activity_at, risk.own_transactions) == (None, None, 0)
    fold(risk, paid("c-1", START + DAY))
    fold(risk, used("c-1", START + 2 * DAY))
    assert risk.active_days is not None
    assert risk.active_days.count == 2
    assert (risk.own_transactions, risk.channel_uses, risk.last_activity_at) == (1, 1, START + 2 * DAY)


def test_an_active_day_is_one_of_the_banks_own_calendar() -> None:
    before_midnight_in_london = START.replace(hour=18)
    risk = folded(paid("c-1", before_midnight_in_london))
    assert risk.active_days is not None
    assert risk.active_days.first == date(2025, 1, 2)


@pytest.mark.parametrize("counterparty", ["bank", "own-account"])
def test_money_that_stays_in_the_bank_neither_comes_in_nor_leaves(counterparty: str) -> None:
    risk = folded(paid("c-1", START, "5000.00", counterparty_class=counterparty))
    assert sums(risk)["net_flow"] == 0.0
    assert sums(risk)["own"] == 1.0


def test_money_of_an_unknown_counterparty_is_outside() -> None:
    assert sums(folded(paid("c-1", START, "50.00", counterparty_class=None)))["net_flow"] == -5000.0


def test_another_currency_is_activity_but_not_money() -> None:
    risk = folded(paid("c-1", START, "900.00", currency="USD"))
    assert (sums(risk)["own"], sums(risk)["net_flow"]) == (1.0, 0.0)


@pytest.mark.parametrize("original", [paid("c-1", START, "12.34"), salary("c-1", START)])
def test_a_reversal_takes_all_back_but_the_active_day(original: Event) -> None:
    without = folded(used("c-1", START - DAY))
    risk = folded(used("c-1", START - DAY), original, taken_back(original, START + 5 * DAY))  # type: ignore[arg-type]
    left = without.sums.read(START)
    assert [x for four in risk.sums.read(START) for x in four] == pytest.approx([x for four in left for x in four])
    assert risk.own_transactions == 0
    assert risk.active_days is not None
    assert risk.active_days.count == (2 if original.initiator == "customer" else 1)  # type: ignore[attr-defined]


def test_negative_feedback_weighs_half_after_90_days() -> None:
    risk = folded(complained("c-1", START), used("c-1", START + 90 * DAY))
    assert risk.sums.values[4 * SUMS.index("negatives") + 2] == pytest.approx(0.5)
    assert folded(complained("c-1", START, "neutral")).negative_feedbacks == 0


def test_a_late_event_counts_from_when_it_happened() -> None:
    risk = folded(used("c-1", START), paid("c-1", START - 30 * DAY))
    assert risk.sums.values[SUMS.index("own") * 4 + 1] == pytest.approx(0.5)
    assert risk.first_event_at == START - 30 * DAY
    assert risk.last_activity_at == START
    assert timedelta(days=30) == START - risk.first_event_at
