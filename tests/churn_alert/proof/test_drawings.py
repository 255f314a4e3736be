"""Pictures say what is so: a tick lies where its number is, a bar has as many days as the next, a line has no guess."""

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_alert.casebook.page import retention_page
from churn_alert.casebook.retention_views import MonthView, RetentionView
from churn_alert.proof.drawings import lead_times
from churn_alert.proof.views import RateView
from rapport.pages import page
from rapport.pictures import PERCENT, PLAIN, TIMES, Ticks

_BAR = re.compile(r"<rect [^>]*height='([\d.]+)'")


@given(low=st.floats(0, 1), width=st.floats(0.05, 1_000), ticks=st.sampled_from([PERCENT, PLAIN, TIMES]))
def test_a_tick_lies_where_the_number_beside_it_is(low: float, width: float, ticks: Ticks) -> None:
    found = ticks.between(low, low + width)
    assert len(found) <= 6
    assert all(low - 1e-6 <= one <= low + width + 1e-6 for one in found)
    of_text = 0.01 if ticks is PERCENT else 1.0
    said = [float(re.sub(r"[%×,]", "", ticks.said(one))) * of_text for one in found]
    assert said == pytest.approx(found, abs=1e-9)


def test_bars_of_lead_times_have_equally_many_days_and_none_is_both_late_and_in_time() -> None:
    leads = list(range(-19, 61))
    heights = _heights(leads)
    assert heights[1:-1] == [max(heights)] * (len(heights) - 2), "as many departures on every day: whole bars are alike"
    late, in_time = _heights([*leads, *[0] * 9]), _heights([*leads, *[1] * 9])
    assert late.index(max(late)) + 1 == in_time.index(max(in_time))


def _heights(leads: list[int]) -> list[float]:
    return [float(height) for height in _BAR.findall(lead_times(leads, (), ""))]


def _month(month: str, *, began: int, kept: int) -> MonthView:
    share = RateView(value=kept / began, low=0.4, high=1.0) if began else None
    counts = dict.fromkeys(("won_back", "joined", "alerts", "treated", "judged", "stayed"), 0)
    return MonthView.model_construct(
        month=month, group=None, began=began, kept=kept, lost=began - kept, share=share, revision=1, **counts
    )


def test_a_line_of_who_stayed_breaks_off_where_nobody_was_a_customer_and_is_named_by_months() -> None:
    months = [
        *(_month(f"2025-{number:02d}", began=10, kept=Random(number).randint(5, 10)) for number in range(9, 13)),
        _month("2026-01", began=0, kept=0),
        *(_month(f"2026-{number:02d}", began=10, kept=9) for number in range(2, 5)),
    ]
    drawn = retention_page([RetentionView.model_construct(by="all", months=months)])
    assert drawn.count("<polyline") == 2
    assert ">2025-09</text>" in drawn
    assert ">2026-03</text>" in drawn


def test_a_page_is_laid_out_for_the_screen_it_is_read_on() -> None:
    assert "<meta name='viewport' content='width=device-width, initial-scale=1'>" in page("Title", "")
