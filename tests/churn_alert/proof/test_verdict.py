"""Alerts are judged when their window is over, each departure is caught once, and recency stands beside."""

from datetime import date, timedelta

import pytest
from scipy.stats import binomtest

from churn_alert.proof.domain.departure import Definition, Departure
from churn_alert.proof.domain.verdict import Alarm, by_group, by_recency, judged, verdict
from rapport.behaviour.active_days import ActiveDays
from rapport.behaviour.rates import Rate

FIRST = date(2025, 1, 1)
DEFINITION = Definition(silent_days=30, ahead_days=10, least_active_days=5, least_history_days=20)
UNTIL = FIRST + timedelta(days=200)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


FOUND = {
    "caught": [Departure(day(100), day(130))],
    "late": [Departure(day(60), day(90))],
    "missed": [Departure(day(80), day(110))],
}
ALARMS = [
    Alarm("caught", day(95), of={"tier": "gold"}),
    Alarm("caught", day(120), of={"tier": "gold"}),
    Alarm("late", day(100)),
    Alarm("false", day(50), of={"tier": "basic"}),
    Alarm("nobody knows yet", day(170)),
]


def test_precision_recall_and_lead_time_of_a_book_counted_by_hand() -> None:
    found = verdict(ALARMS, FOUND, DEFINITION, FIRST, UNTIL)
    assert (found.alerts, found.right, found.open) == (4, 3, 1)
    assert (found.departures, found.caught, found.in_time) == (3, 2, 1)
    assert found.lead_days == (-10, 35)
    assert found.median_lead_days == 12.5
    assert found.precision is not None
    interval = binomtest(3, 4).proportion_ci(0.95, method="wilson")
    assert found.precision == pytest.approx((0.75, interval.low, interval.high), abs=1e-6)


def test_an_alert_is_not_called_wrong_before_its_window_is_over() -> None:
    last = day(199) - DEFINITION.window
    assert [one.is_right for one in judged([Alarm("a", last)], {}, DEFINITION, UNTIL)] == [False]
    assert judged([Alarm("a", last + timedelta(days=1))], {}, DEFINITION, UNTIL) == []


def test_an_alert_that_was_right_is_not_counted_earlier_than_one_that_was_wrong() -> None:
    """Else the latest alerts would be right without exception: what a naive count makes of them is shown beside."""
    fresh = [Alarm(name, day(165)) for name in ("left", "stays", "may leave yet")]
    found = {"left": [Departure(day(160), day(190))]}
    naive = [
        one for one in fresh if any(left.is_told_by(one.day, DEFINITION) for left in found.get(one.customer_id, ()))
    ]
    assert len(naive) == 1, "a count of what is known already would say one alert, and right"
    assert judged(fresh, found, DEFINITION, UNTIL) == []


def test_departures_before_the_first_alert_could_come_count_for_nobody() -> None:
    found = verdict(ALARMS, FOUND, DEFINITION, day(75), UNTIL)
    assert found.departures == 1


def test_a_group_has_its_own_alerts_and_what_nobody_knew_is_said() -> None:
    groups = by_group(judged(ALARMS, FOUND, DEFINITION, UNTIL), "tier")
    assert {name: [one.is_right for one in those] for name, those in groups.items()} == {
        "basic": [False],
        "gold": [True, True],
        "unknown": [True],
    }


def test_nothing_is_divided_by_nothing() -> None:
    empty = verdict([], {}, DEFINITION, FIRST, UNTIL)
    assert (empty.precision, empty.recall, empty.timely, empty.median_lead_days, empty.middle_half) == (None,) * 5


def pausing(*pauses: int) -> ActiveDays:
    """Thirty days of daily use, then these pauses with a day of use between."""
    days = ActiveDays.on(FIRST)
    for number in range(30):
        days = days.add(day(number))
    place = 29
    for pause in pauses:
        place += pause + 1
        days = days.add(day(place))
    return days


def test_recency_warns_as_often_as_it_is_given_alerts_and_by_the_longest_pauses() -> None:
    customers = {"a": pausing(12, 40), "b": pausing(9, 25), "c": pausing(8), "young": ActiveDays.on(day(199))}
    days, alarms = by_recency(customers, DEFINITION, FIRST, day(100), most=4)
    assert len(alarms) == 4
    assert {one.customer_id for one in alarms} == {"a", "b", "c"}
    assert 12 < days <= 25
    longest = max(days for days in range(7, 366) if len(_by_hand(customers, days)) >= 4)
    assert days == longest


def _by_hand(customers: dict[str, ActiveDays], limit: int) -> list[tuple[str, date]]:
    found = []
    for key, days in customers.items():
        silent = seen = 0
        for number in range(100):
            offset = (day(number) - days.first).days
            if offset < 0:
                continue
            if days.bits >> offset & 1:
                silent, seen = 0, seen + 1
            else:
                silent += 1
                begun = offset - silent + 1
                if silent == limit and seen >= 5 and begun >= 20 and number + 1 < 100:
                    found.append((key, day(number + 1)))
    return found


def test_a_rate_says_its_interval() -> None:
    found = verdict(ALARMS, FOUND, DEFINITION, FIRST, UNTIL)
    assert isinstance(found.recall, Rate)
    assert found.recall.low < found.recall.value < found.recall.high
