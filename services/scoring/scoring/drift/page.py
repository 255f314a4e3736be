"""Drift as people look at it: a table for a terminal, and a section of a page with the index day by day."""

from collections import Counter
from collections.abc import Sequence
from html import escape

from rich.table import Table

from rapport.pages import lines, wide
from scoring.drift.domain import MOVED, WATCH, Drift
from scoring.pages import distribution

_CAUTION = (
    "An index alone is no reason to fit a scorecard anew: the inputs of a young book move a long way while the order "
    "of its customers stays the same. Look at points and tiers too."
)
_COLUMNS = ("what", "bins", "PSI", "noise", "verdict")


def drift_table(drift: Drift) -> Table:
    """The latest snapshot against its reference, for a terminal."""
    table = Table(title=_title(drift), box=None)
    for column in _COLUMNS:
        table.add_column(column, justify="left" if column in {"what", "verdict"} else "right")
    for row in _rows(drift):
        table.add_row(*row)
    return table


def drift_section(history: Sequence[Drift]) -> str:
    """The latest snapshot in figures, its points beside those of the reference, and the index over time."""
    latest = history[0]
    head = "".join(f"<th>{column}</th>" for column in _COLUMNS)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in _rows(latest))
    body = (
        f"<h2>Drift</h2><p>{escape(_title(latest))}</p>{wide(f'<table><tr>{head}</tr>{rows}</table>')}<p>{_CAUTION}</p>"
    )
    if latest.reference is None:
        return body
    then, now = (Counter({int(k): n for k, n in one.points.items()}) for one in (latest.reference, latest.snapshot))
    body += f"<h3>Points</h3><p>The reference in grey, now in blue.</p>{distribution(then, now)}"
    return body + _over_time([one for one in reversed(history) if one.snapshot.version == latest.snapshot.version])


def _title(drift: Drift) -> str:
    snapshot = drift.snapshot
    said = f"scorecard {snapshot.version}, {snapshot.customers:,} customers at {snapshot.due_at.isoformat()}"
    if drift.is_reference:
        return f"{said}: the reference of its version"
    if drift.reference is None:
        return f"{said}: too few to say, and no snapshot of this version is large enough to compare with"
    return f"{said}, against {drift.reference.customers:,} at {drift.reference.due_at.isoformat()}: {drift.verdict}"


def _rows(drift: Drift) -> list[tuple[str, ...]]:
    return [
        (one.name, str(one.bins), f"{one.psi:.4f}", f"{one.noise:.4f}", str(one.verdict)) for one in drift.measures()
    ]


def _over_time(history: Sequence[Drift]) -> str:
    """The largest index of inputs, and that of the points, snapshot by snapshot, with the rule's two lines."""
    measured = [measures for one in history if (measures := one.measures())]
    if len(measured) < 2:
        return ""
    drawn = [[max(one.psi for one in those if one.kind == kind) for those in measured] for kind in ("input", "points")]
    most = max(MOVED * 1.2, *(value for line in drawn for value in line))
    coloured = list(zip(("#9aa7b8", "#2c6e9b"), drawn, strict=True))
    said = f"The input that moved most in grey, points in blue; dashed: {WATCH} and {MOVED}."
    shown = lines("Index over time", coloured, most=most, rules=(WATCH, MOVED))
    return f"<h3>Index over time</h3><p>{said}</p>{shown}"
