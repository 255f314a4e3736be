"""Figures in words that a person reads without a legend."""

from dataclasses import replace
from datetime import timedelta

import pytest

from feedback.case.domain.summary import ClockFigures, PrioritySummary, duration_in_words, summary_in_words
from tests.feedback.said import HOUR


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "0 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=5, minutes=20), "5 h 20 min"),
        (timedelta(days=3, hours=4, minutes=59), "3 d 4 h"),
    ],
)
def test_a_duration_shows_its_two_largest_units(span: timedelta, words: str) -> None:
    assert duration_in_words(span) == words


def test_a_summary_is_one_line() -> None:
    figures = ClockFigures(runs=3, stopped=2, breached=1, overdue=1, median=5 * HOUR)
    line = PrioritySummary("urgent", 3, 1, figures, replace(figures, stopped=0, median=None))
    assert summary_in_words(line) == (
        "urgent: 3 cases, 1 unresolved; respond: 2 of 3 stopped (median 5 h 0 min), 1 too late; "
        "resolve: 0 of 3 stopped (none stopped), 1 too late"
    )
