"""Who stayed as people look at it: one page with pictures, without scripts."""

from collections.abc import Sequence
from html import escape
from itertools import groupby

from churn_alert.casebook.retention_views import MonthView, RetentionView
from churn_alert.proof.page import said
from rapport.pages import page
from rapport.pictures import OURS, Axes, Ticks, table

_COLUMNS = (
    *("month", "group", "began", "kept", "lost", "won back", "joined", "share that stayed", "alerts", "treated"),
    *("judged", "stayed", "counted again"),
)
_SHOWN = 24
"""Months of a table; the picture has them all."""


def retention_page(found: Sequence[RetentionView]) -> str:
    """The whole page; the first of `found` is of all customers."""
    whole, *divided = found
    if not whole.months:
        body = "<p>No month that is over has been counted yet.</p>"
    else:
        body = f"{_picture('all customers', whole.months)}{_table(whole.months[-_SHOWN:])}" + "".join(
            _division(one) for one in divided
        )
    return page(
        "Who stayed",
        "<h1>Who stayed</h1><p>Customers, new or mature, as each month began, and who of them was lost by its end. A "
        f"month is counted once; what becomes known of it later is counted again beside it.</p>{body}",
    )


def _division(found: RetentionView) -> str:
    groups = sorted({one.group or "" for one in found.months})
    last = max(one.month for one in found.months) if found.months else ""
    pictures = "".join(
        _picture(f"{found.by} {group}", [one for one in found.months if (one.group or "") == group]) for group in groups
    )
    return f"<h2>By {escape(found.by)}</h2>{pictures}{_table([one for one in found.months if one.month == last])}"


def _picture(name: str, months: Sequence[MonthView]) -> str:
    """A line breaks off where nobody was a customer as the month began: no share is known there."""
    told = [(_place(one.month), one.share) for one in months if one.share is not None]
    if len(told) < 2:
        return ""
    lowest = max(min(share.low for _, share in told) - 0.01, 0.0)
    axes = Axes("month", "share that stayed", told[0][0], told[-1][0], 1.0, lowest, ticks_along=_MONTHS)
    shapes = ""
    for _, run in groupby(enumerate(told), key=lambda one: one[1][0] - one[0]):
        points = [(place, share) for _, (place, share) in run]
        shapes += axes.band([(place, share.low, share.high) for place, share in points], OURS)
        shapes += axes.line([(place, share.value) for place, share in points], OURS)
        if len(points) == 1:
            ((place, share),) = points
            shapes += axes.interval(place, share.low, share.value, share.high, OURS)
    span = f"{escape(name)}, {months[0].month} to {months[-1].month}; the band is 95 %."
    return f"<p>{span}</p>{axes.draw(f'Share that stayed by month: {name}', shapes)}"


def _place(month: str) -> int:
    year, number = month.split("-")
    return int(year) * 12 + int(number) - 1


_MONTHS = Ticks(lambda place: f"{int(place) // 12}-{int(place) % 12 + 1:02d}", 1.0)


def _table(months: Sequence[MonthView]) -> str:
    return table(_COLUMNS, [_row(one) for one in months])


def _row(one: MonthView) -> tuple[str, ...]:
    counts = (one.began, one.kept, one.lost, one.won_back, one.joined)
    warned = (one.alerts, one.treated, one.judged, one.stayed)
    again = "" if one.revision == 1 else f"{one.revision - 1} times, at last {one.counted_at:%Y-%m-%d}"
    return (
        one.month,
        one.group or "all",
        *(f"{count:,}" for count in counts),
        said(one.share),
        *(f"{count:,}" for count in warned),
        again,
    )
