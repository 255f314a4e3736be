"""Alerts are judged beside the truth as the demo's words promise; every figure here is counted a second way."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.judge import GRACE, Truth, Verdict, judge

DECLINE = date(2025, 6, 10)
GONE = date(2025, 7, 20)
DAY = timedelta(days=1)


def verdict(*alerts: tuple[str, date], declines: dict[str, Truth] | None = None) -> Verdict:
    return judge(alerts, {"c-1": Truth(DECLINE, GONE)} if declines is None else declines)


@pytest.mark.parametrize(
    ("opened", "is_hit"),
    [
        (DECLINE - GRACE - DAY, False),
        (DECLINE - GRACE, True),
        (DECLINE, True),
        (GONE, True),
        (GONE + 30 * DAY, True),
    ],
)
def test_an_alert_is_a_hit_from_seven_days_before_the_decline_began(opened: date, *, is_hit: bool) -> None:
    assert timedelta(days=7) == GRACE
    found = verdict(("c-1", opened))
    assert (found.hits, found.caught) == (int(is_hit), int(is_hit))
    assert found.precision == found.recall == float(is_hit)


def test_an_alert_of_somebody_who_does_not_decline_is_no_hit_and_catches_nobody() -> None:
    found = verdict(("c-2", DECLINE + DAY))
    assert found == Verdict(alerts=1, hits=0, declines=1, caught=0, median_lead_days=None)
    assert (found.precision, found.recall) == (0.0, 0.0)


def test_two_alerts_in_one_decline_are_two_hits_of_one_catch_and_the_first_gives_the_lead() -> None:
    found = verdict(("c-1", DECLINE + 20 * DAY), ("c-1", DECLINE + 5 * DAY))
    assert found == Verdict(alerts=2, hits=2, declines=1, caught=1, median_lead_days=35.0)
    assert (found.precision, found.recall) == (1.0, 1.0)


def test_an_alert_before_the_decline_gives_no_lead_to_the_hit_that_follows() -> None:
    found = verdict(("c-1", DECLINE - 90 * DAY), ("c-1", DECLINE + 10 * DAY))
    assert found == Verdict(alerts=2, hits=1, declines=1, caught=1, median_lead_days=30.0)
    assert found.precision == 0.5


def test_an_alert_after_the_customer_is_gone_has_a_lead_below_zero() -> None:
    assert verdict(("c-1", GONE + 3 * DAY)).median_lead_days == -3.0


def test_a_decline_that_is_not_complete_is_caught_and_gives_no_lead() -> None:
    declines = {"c-1": Truth(DECLINE, None), "c-2": Truth(DECLINE, GONE)}
    only_open = verdict(("c-1", DECLINE), declines=declines)
    assert (only_open.caught, only_open.recall, only_open.median_lead_days) == (1, 0.5, None)
    both = verdict(("c-1", DECLINE), ("c-2", GONE - 8 * DAY), declines=declines)
    assert (both.caught, both.recall, both.median_lead_days) == (2, 1.0, 8.0)


def test_the_middle_lead_of_an_even_number_lies_between_the_two_in_the_middle() -> None:
    declines = {f"c-{n}": Truth(DECLINE, GONE) for n in range(4)}
    alerts = [(f"c-{n}", GONE - lead * DAY) for n, lead in enumerate((30, 1, 9, 4))]
    assert verdict(*alerts, declines=declines).median_lead_days == 6.5


def test_without_alerts_there_is_no_precision_and_nobody_is_caught() -> None:
    found = verdict()
    assert (found.precision, found.recall, found.median_lead_days) == (None, 0.0, None)


def test_without_declines_there_is_no_recall_and_every_alert_is_false() -> None:
    found = verdict(("c-1", DECLINE), declines={})
    assert (found.precision, found.recall, found.median_lead_days) == (0.0, None, None)


days = st.integers(0, 200).map(lambda number: date(2025, 1, 1) + timedelta(days=number))
customers = st.sampled_from([f"c-{number}" for number in range(8)])
truths = st.builds(
    lambda begins_on, lasts: Truth(begins_on, None if lasts is None else begins_on + timedelta(days=lasts)),
    days,
    st.none() | st.integers(0, 90),
)


@given(st.lists(st.tuples(customers, days), max_size=30), st.dictionaries(customers, truths))
def test_the_verdict_is_what_counting_customer_by_customer_gives(
    alerts: list[tuple[str, date]], declines: dict[str, Truth]
) -> None:
    hits, caught, leads = 0, 0, []
    for customer, truth in declines.items():
        since = [(day - truth.begins_on).days for of, day in alerts if of == customer]
        right = [number for number in since if number >= -7]
        hits += len(right)
        caught += bool(right)
        if right and truth.gone_on:
            leads.append((truth.gone_on - truth.begins_on).days - min(right))
    found = judge(alerts, declines)
    assert (found.alerts, found.hits) == (len(alerts), hits)
    assert (found.declines, found.caught) == (len(declines), caught)
    assert found.precision == (float(Fraction(hits, len(alerts))) if alerts else None)
    assert found.recall == (float(Fraction(caught, len(declines))) if declines else None)
    leads.sort()
    assert found.median_lead_days == ((leads[(len(leads) - 1) // 2] + leads[len(leads) // 2]) / 2 if leads else None)
