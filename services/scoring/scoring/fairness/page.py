"""Fairness as people look at it: a table for a terminal, and a section of a page with rates and their intervals."""

from collections.abc import Sequence
from html import escape

from rich.table import Table

from rapport.behaviour.rates import Rate
from rapport.pages import picture, wide
from scoring.fairness.domain import BACK_WITHIN, LEAST, NOT_KNOWN, Finding
from scoring.fairness.store import Counting

_COLUMNS = ("attribute", "group", "customers", "selected", "95 %", "of best", "four fifths", "falls", "false alarms")
_LEFT, _WIDTH, _STEP = 180, 640, 22


def fairness_table(counting: Counting, said: Sequence[Finding]) -> Table:
    """Every group, for a terminal."""
    table = Table(title=_title(counting), caption=_said(), box=None)
    for column in _COLUMNS:
        table.add_column(column, justify="left" if column in {"attribute", "group", "four fifths"} else "right")
    for one in said:
        table.add_row(*_row(one))
    return table


def fairness_section(counting: Counting, said: Sequence[Finding]) -> str:
    """The same in figures and a picture, and what is not known."""
    head = "".join(f"<th>{column}</th>" for column in _COLUMNS)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in _row(one)) + "</tr>" for one in said)
    unknown = "".join(f"<li>{escape(sentence)}</li>" for sentence in NOT_KNOWN)
    return (
        f"<h2>Fairness</h2><p>{escape(_title(counting))}</p>{wide(f'<table><tr>{head}</tr>{rows}</table>')}<p>{_said()}</p>"
        f"<h3>Selection rates with their intervals</h3>{_intervals(said)}<h3>Not known here</h3><ul>{unknown}</ul>"
    )


def _title(counting: Counting) -> str:
    return f"selected: in the tier {counting.top_tier} at {counting.due_at.isoformat()}, scorecard {counting.version}"


def _said() -> str:
    return (
        f"A rate is told of {LEAST} customers, or falls, or more, with Wilson's interval. A false alarm is a fall to a "
        f"lower tier after which the customer was back in the former one, or higher, within {BACK_WITHIN.days} days."
    )


def _row(one: Finding) -> tuple[str, ...]:
    selection, alarms = one.selection, one.false_alarms
    return (
        one.group.attribute.replace("_", " "),
        one.group.name,
        f"{one.group.customers:,}",
        f"{selection.value:.1%}" if selection else "-",
        f"{selection.low:.1%} to {selection.high:.1%}" if selection else "-",
        "-" if one.ratio is None else f"{one.ratio:.2f}",
        one.verdict,
        f"{one.group.falls:,}",
        f"{alarms.value:.1%} ({alarms.low:.1%} to {alarms.high:.1%})" if alarms else "too few",
    )


def _intervals(said: Sequence[Finding]) -> str:
    told: list[tuple[str, Rate]] = [(one.group.name, one.selection) for one in said if one.selection]
    if not told:
        return f"<p>No group has {LEAST} customers.</p>"
    most = max(rate.high for _, rate in told)
    shapes = []
    for place, (name, rate) in enumerate(told):
        y = place * _STEP + _STEP / 2
        value, low, high = (_LEFT + (_WIDTH - _LEFT - 8) * share / most for share in rate)
        shapes.append(
            f"<text class='axis' x='0' y='{y + 4:.1f}'>{escape(name)}</text>"
            f"<line class='line' x1='{low:.1f}' x2='{high:.1f}' y1='{y:.1f}' y2='{y:.1f}'/>"
            f"<circle class='after' cx='{value:.1f}' cy='{y:.1f}' r='5'/>"
        )
    return picture(len(told) * _STEP, "Selection rates with their intervals", "".join(shapes))
