"""Since when a measure is out of the normal range: exact, whether an event brought it there or silence alone."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.crossing import decide
from rapport.events.base import Event
from tests.churn_alert.lives import DAY, RULES, START, drawn, fold, steady, when
from tests.churn_alert.risk.test_normal import four


def is_out(risk: Risk, name: str, at: datetime) -> bool:
    one = four(risk, at).get(name)
    return one is not None and (one.is_low or one.is_high)


def since_by_brute_force(events: Sequence[Event], name: str, at: datetime) -> datetime | None:
    """From the states after each event, the latest moment up to `at` at which the measure was not out: by bisection."""
    until = at
    for number in range(len(events), 0, -1):
        state = Risk("c-1")
        for event in events[:number]:
            fold(state, event)
        begins = when(events[number - 1])
        if not is_out(state, name, until):
            return until if until != at else None
        if not is_out(state, name, begins):
            low, high = begins, until
            while high - low > timedelta(milliseconds=200):
                middle = low + (high - low) / 2
                low, high = (low, middle) if is_out(state, name, middle) else (middle, high)
            return high
        until = begins
    return until


@settings(deadline=None, max_examples=12)
@given(seed=st.integers(0, 100_000), name=st.sampled_from(["transactions", "turnover", "product-use"]))
def test_since_when_is_exact_whether_an_event_or_silence_brought_it_there(seed: int, name: str) -> None:
    events = [one for one in drawn(Random(seed), "c-1", days=200) if getattr(one, "reverses", None) is None]
    risk = Risk("c-1")
    for event in events:
        fold(risk, event)
        decide(risk, RULES, when(event))
    at = when(events[-1]) + 45 * DAY
    told, real = four(risk, at)[name].since, since_by_brute_force(events, name, at)
    assert (told is None) == (real is None)
    if told and real:
        assert abs(told - real) <= timedelta(seconds=2)


def test_silence_alone_takes_what_a_customer_does_out_of_the_range_and_is_dated_so() -> None:
    risk = Risk("c-1")
    for event in steady("c-1", 200):
        fold(risk, event)
        decide(risk, RULES, when(event))
    last = START + 200 * DAY
    calm, silent = four(risk, last), four(risk, last + 60 * DAY)
    assert calm["transactions"].since is None and not calm["transactions"].is_low
    out = silent["transactions"]
    assert out.is_low and out.since is not None and last < out.since < last + 30 * DAY
    assert not four(risk, out.since - timedelta(seconds=2))["transactions"].is_low
    assert out.deviations is not None and out.deviations < -RULES.ranges.deviations
