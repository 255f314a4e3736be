"""A back-test as people look at it: tables for a terminal, and a page with pictures."""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise
from statistics import median

from rich.table import Table

from churn_alert.proof.backtest import Ranked, Tested
from churn_alert.proof.domain.reliability import Band
from churn_alert.proof.domain.verdict import Judged, Verdict, by_group
from churn_alert.proof.handlers import Experiment
from churn_alert.proof.page import experiments_section, said
from churn_alert.proof.pictures import OTHER, OURS, THIRD, Axes, plain, table, times
from rapport.behaviour.rates import wilson
from rapport.pages import page

_COLUMNS = (
    "rule",
    "alerts",
    "judged",
    "right",
    "precision",
    "departures",
    "caught",
    "recall",
    "in time",
    "median lead",
)
_GROUPS = ("group", "judged", "right", "precision", "median lead")
_LIFTS = ("share", "customers", "lift", "lift of recency")
_BY = ("month", "tier", "stage", "severity", "cause", "model")
_LEAST = 30
"""Judged alerts: a rate of fewer is uncertain by some eighteen points either way and is not told of a group."""
_BARS = 24


def tables(found: Tested, source: str) -> list[Table]:
    """For a terminal."""
    made = [_table(f"{source}, {found.since} to {found.until}", _COLUMNS, _rules(found), _caption(found))]
    made += [_table(f"by {name}", _GROUPS, rows) for name, rows in _groups(found.judged)]
    if found.reliability is not None and found.by_probability is not None and found.by_silence is not None:
        rows = _lifts(found.by_probability, found.by_silence)
        made.append(_table("everybody, on the first of each month", _LIFTS, rows, _certainty(found)))
    return made


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], caption: str | None = None) -> Table:
    made = Table(title=title, caption=caption, box=None)
    for number, column in enumerate(columns):
        made.add_column(column, justify="right" if number else "left")
    for row in rows:
        made.add_row(*row)
    return made


def backtest_page(found: Tested, source: str, tried: Sequence[Experiment]) -> str:
    """One file with pictures; nothing in it names a customer."""
    groups = "".join(f"<h3>By {escape(name)}</h3>{table(_GROUPS, rows)}" for name, rows in _groups(found.judged))
    return page(
        "Churn alerts: back-test",
        f"<h1>Churn alerts: back-test</h1><p>{escape(source)}, {found.since} to {found.until}, {found.customers:,} "
        f"customers. {escape(_caption(found))}</p>{table(_COLUMNS, _rules(found))}{_ranked(found)}"
        f"{_lead_times(found.ours, found.recency)}{groups}"
        f"{experiments_section(tried, found.definition.window.days)}",
    )


def _caption(found: Tested) -> str:
    what = (
        f"gone is who does nothing for {found.definition.silent_days} days"
        if found.definition.silent_days
        else "gone is whom the truth file names"
    )
    return (
        f"{what}; an alert is right up to {found.definition.ahead_days} days before that begins, and judged after "
        f"{found.definition.window.days} days; {found.ours.open:,} alerts are not judged yet. Recency warns after "
        f"{found.recency_days} days without own activity, the same customers, as many alerts."
    )


def _rules(found: Tested) -> list[tuple[str, ...]]:
    return [_rule("the alerts", found.ours), _rule(f"recency, {found.recency_days} days", found.recency)]


def _rule(name: str, one: Verdict) -> tuple[str, ...]:
    return (
        name,
        f"{one.alerts + one.open:,}",
        f"{one.alerts:,}",
        f"{one.right:,}",
        said(one.precision),
        f"{one.departures:,}",
        f"{one.caught:,}",
        said(one.recall),
        said(one.timely),
        _lead(one.lead_days),
    )


def _lead(days: Sequence[int]) -> str:
    return f"{median(days):.1f} days" if days else "-"


def _groups(done: Sequence[Judged]) -> list[tuple[str, list[tuple[str, ...]]]]:
    return [
        (name, [_group(key, those) for key, those in by_group(done, name).items()])
        for name in _BY
        if any(name in one.alarm.of for one in done)
    ]


def _group(name: str, those: Sequence[Judged]) -> tuple[str, ...]:
    right = sum(one.is_right for one in those)
    rate = said(wilson(right, len(those))) if len(those) >= _LEAST else "too few"
    leads = [one.lead_days for one in those if one.lead_days is not None]
    return name, f"{len(those):,}", f"{right:,}", rate, _lead(leads) if len(those) >= _LEAST else "-"


def _certainty(found: Tested) -> str:
    assert found.reliability is not None
    assert found.by_silence is not None
    one = found.reliability
    return (
        f"{one.samples:,} customers and days, {one.base_rate:.2%} leave; AUC {one.auc:.3f} (recency "
        f"{found.by_silence.auc:.3f}), Brier {one.brier_score:.4f}, expected calibration error "
        f"{one.expected_calibration_error:.4f}"
    )


def _lifts(ours: Ranked, theirs: Ranked) -> list[tuple[str, ...]]:
    return [
        (f"{one.share:.0%}", f"{one.samples:,}", _times(one.lift), _times(other.lift))
        for one, other in zip(ours.lifts, theirs.lifts, strict=True)
    ]


def _times(lift: Iterable[float]) -> str:
    value, low, high = lift
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def _ranked(found: Tested) -> str:
    if found.reliability is None or found.by_probability is None or found.by_silence is None:
        return ""
    rows = _lifts(found.by_probability, found.by_silence)
    return (
        f"<h2>Reliability</h2><p>{escape(_certainty(found))}. Ten groups of equal size; on the dashed line it comes "
        f"true as often as it is said.</p>{_reliability(found.bands)}"
        f"<h2>Lift</h2><p>How many more leave among the riskiest than among all: the probability in blue with its 95 % "
        f"band, recency in orange.</p>{_lift(found.by_probability, found.by_silence)}"
        f"{table(_LIFTS, rows)}"
    )


def _reliability(bands: Sequence[Band]) -> str:
    most = max((max(one.said, one.true.high) for one in bands), default=1.0)
    axes = Axes("what was said", "what came true", 0.0, most, most)
    shapes = axes.line([(0, 0), (most, most)], THIRD, dashed=True)
    shapes += "".join(axes.interval(one.said, one.true.low, one.true.value, one.true.high, OURS) for one in bands)
    return axes.draw("Reliability curve", shapes)


def _lift(ours: Ranked, theirs: Ranked) -> str:
    most = max(one.lift.high for one in (*ours.lifts, *theirs.lifts))
    axes = Axes("share of the customers, the riskiest first", "lift", 0.0, 0.5, most, ticks_up=times)
    band = axes.band([(one.share, one.lift.low, one.lift.high) for one in ours.lifts], OURS)
    lines = axes.line([(one.share, one.lift.value) for one in ours.lifts], OURS)
    lines += axes.line([(one.share, one.lift.value) for one in theirs.lifts], OTHER)
    return axes.draw("Lift curve", band + lines + axes.line([(0, 1), (0.5, 1)], THIRD, dashed=True))


def _lead_times(ours: Verdict, theirs: Verdict) -> str:
    if not ours.lead_days:
        return "<h2>Lead time</h2><p>No departure was told of: there is nothing to draw.</p>"
    every = (*ours.lead_days, *theirs.lead_days)
    low, high = min(every), max(every) + 1
    edges = [low + (high - low) * step / _BARS for step in range(_BARS + 1)]
    bars, line = (
        [sum(a <= day < b for day in days) for a, b in pairwise(edges)] for days in (ours.lead_days, theirs.lead_days)
    )
    axes = Axes(
        "days before the customer is gone",
        "departures",
        low,
        high,
        max(*bars, *line),
        ticks_along=plain,
        ticks_up=plain,
    )
    middle = [(a + b) / 2 for a, b in pairwise(edges)]
    shapes = "".join(axes.bar(a, b, one, OURS) for (a, b), one in zip(pairwise(edges), bars, strict=True))
    shapes += axes.line(list(zip(middle, map(float, line), strict=True)), OTHER)
    inner = ours.middle_half
    half = f" Half of them lie between {inner[0]:.0f} and {inner[1]:.0f} days." if inner else ""
    return (
        f"<h2>Lead time</h2><p>From the first alert until the customer is gone, each departure once: the alerts as "
        f"blue bars, recency as an orange line; right of 0 it came in time.{half}</p>{axes.draw('Lead times', shapes)}"
    )
