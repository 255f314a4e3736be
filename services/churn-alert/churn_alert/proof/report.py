"""A back-test as people look at it: tables for a terminal, and a page with pictures."""

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from statistics import median

from rich.table import Table

from churn_alert.proof.backtest import Ranked, Tested
from churn_alert.proof.domain.disclosure import LEAST_JUDGED
from churn_alert.proof.domain.survival import Stay
from churn_alert.proof.domain.verdict import Judged, Verdict, by_group
from churn_alert.proof.drawings import lead_times, lift, reliability
from churn_alert.proof.experiments import Experiment
from churn_alert.proof.figures import Proof
from churn_alert.proof.page import experiments_section, issued_pictures, said, unacted_section
from rapport.behaviour.rates import wilson
from rapport.pages import page
from rapport.pictures import table

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
_BY = ("month", "tier", "stage", "segment", "severity", "cause", "model")


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


def backtest_page(found: Tested, source: str, tried: Sequence[Experiment], lived: Proof | None) -> str:
    """One file with four pictures; nothing in it names a customer. `lived`: how the alerts that were issued fared, None
    where the log was lived again.
    """
    groups = "".join(f"<h3>By {escape(name)}</h3>{table(_GROUPS, rows)}" for name, rows in _groups(found.judged))
    return page(
        "Churn alerts: back-test",
        f"<h1>Churn alerts: back-test</h1><p>{escape(source)}, {found.since} to {found.until}, {found.customers:,} "
        f"customers. {escape(_caption(found))}</p>{table(_COLUMNS, _rules(found))}{_pictures(found, lived)}"
        f"{_survival(found, tried, lived)}{groups}",
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
    rate = said(wilson(right, len(those))) if len(those) >= LEAST_JUDGED else "too few"
    leads = [one.lead_days for one in those if one.lead_days is not None]
    return name, f"{len(those):,}", f"{right:,}", rate, _lead(leads) if len(those) >= LEAST_JUDGED else "-"


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


def _pictures(found: Tested, lived: Proof | None) -> str:
    """Of everybody where the log was lived again; of the alerts of the held out where they were issued."""
    leads = "From the first alert until the customer is gone, each departure once"
    times_drawn = lead_times(found.ours.lead_days, found.recency.lead_days, leads)
    if lived is not None:
        return issued_pictures(lived, times_drawn)
    if found.reliability is None or found.by_probability is None or found.by_silence is None:
        return reliability((), "") + lift((), (), "the customers") + times_drawn
    said_of = (
        f"{escape(_certainty(found))}. Ten groups of equal size; on the dashed line it comes true as often as said."
    )
    rows = _lifts(found.by_probability, found.by_silence)
    return (
        reliability(found.bands, said_of)
        + lift(found.by_probability.lifts, found.by_silence.lifts, "the customers")
        + table(_LIFTS, rows)
        + times_drawn
    )


def _survival(found: Tested, tried: Sequence[Experiment], lived: Proof | None) -> str:
    window = found.definition.window.days
    if lived is not None:
        return experiments_section(tried, window)
    stays = Counter(
        Stay(window, is_gone=False)
        if one.lead_days is None or one.lead_days > window
        else Stay(max(one.lead_days, 0), is_gone=True)
        for one in found.judged
    )
    return unacted_section(stays, window)
