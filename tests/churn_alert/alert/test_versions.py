"""An alert is judged by the policy in force when it opens, and each wait ends by the policy in force at its end."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from churn_alert.alert.domain.ageing import escalated_to, timed
from churn_alert.alert.domain.lifecycle import Known
from churn_alert.alert.domain.policy import Answering, Escalation, Policy
from churn_alert.alert.domain.steps import live, opened_on
from rapport.succession import succession
from tests.churn_alert.alert.raising import ALERT_ID, POLICY, four, raised, told
from tests.churn_alert.lives import DAY, HOUR, START

HOURS = 120
Hours = st.lists(st.integers(1, HOURS), min_size=1, max_size=3, unique=True).map(sorted)


def policy(version: int, hours: list[int]) -> Policy:
    """Answers within the first of these hours, and goes further up at each of them."""
    steps = tuple(Escalation(timedelta(hours=one), f"role-{version}-{place}") for place, one in enumerate(hours))
    asked = Answering(timedelta(hours=hours[0]), steps)
    return replace(POLICY, version=version, answers=dict.fromkeys(POLICY.answers, asked))


@given(Hours, Hours, st.integers(1, HOURS), st.lists(st.integers(0, HOURS), max_size=5))
def test_whenever_somebody_looks_the_steps_are_by_the_policy_in_force_at_each(
    first: list[int], second: list[int], begins: int, looks: list[int]
) -> None:
    """Against hours that are counted one by one, each by the policy in force in it."""
    both = succession([(START, policy(1, first)), (START + begins * HOUR, policy(2, second))])
    alert = timed(raised(*four()), both)
    expected, answer_by = [], None
    for hour in range(HOURS + 1):
        version, hours = (1, first) if hour < begins else (2, second)
        if answer_by is None and hour >= hours[0]:
            answer_by = START + hour * HOUR
        while len(expected) < len(hours) and hour >= hours[len(expected)]:
            expected.append((START + hour * HOUR, f"role-{version}-{len(expected)}"))
    assert alert.answer_by == answer_by
    found, now = [], alert
    for hour in [*sorted(looks), HOURS]:
        changes = live(now, both, START + hour * HOUR)
        found += [(event.at, escalated_to(after, both)) for after, event in changes]
        now = changes[-1][0] if changes else now
    assert found == expected


def severity_at(days: int, both: Policy) -> Literal["low", "medium", "high"]:
    crossing = told(*four(transactions=6.0))
    crossing = crossing._replace(crossing=replace(crossing.crossing, at=START + days * DAY))
    return opened_on(crossing, ALERT_ID, Known(), both, lambda *_: None)[0].severity


def test_an_alert_is_as_severe_as_the_policy_in_force_at_its_opening_says() -> None:
    stern = replace(POLICY, version=2, severities=replace(POLICY.severities, medium_from=0.01, high_from=0.02))
    both = succession([(START, POLICY), (START + 10 * DAY, stern)])
    assert severity_at(9, both) == severity_at(9, POLICY)
    assert severity_at(9, both) != "high"
    assert severity_at(10, both) == "high"
    assert both.newest.version == 2
