"""The audit as people look at it: tables for a terminal, and a page with pictures."""

from collections.abc import Sequence
from datetime import date, timedelta
from html import escape
from itertools import cycle

from rich.table import Table

from customer_profile.audit.domain import UNSEEN_DAYS, Report
from rapport.pages import WIDTH, lines, page, picture, wide

_COLOURS = ("#2c6e9b", "#c85a28", "#5b8c5a", "#8a5a9b", "#9a8432", "#667788")
_BAR = 18
Part = tuple[str, Sequence[str], Sequence[Sequence[str]]]
"""A title, the names of columns, and rows of cells."""


def parts_of(report: Report) -> list[Part]:
    """Everything that an audit says, as tables; the same in a terminal and on a page."""
    unusual = [one for one in report.callers if one.score is not None]
    overdue = [
        ("corrections without an answer at the end of the period", f"{report.corrections_overdue:,}"),
        ("corrections answered late", f"{report.corrections_answered_late:,}"),
        *(
            (
                f"files due to end, in batches that are {one.state}, the oldest of {one.oldest_at:%Y-%m-%d}",
                f"{one.files:,}",
            )
            for one in report.retention_waiting
        ),
    ]
    return [
        (
            "What was done",
            ("operation", "detail", "role", "acts", "people"),
            [(one.operation, one.detail, one.role, f"{one.acts:,}", f"{one.callers:,}") for one in report.counted],
        ),
        (
            "Who saw identity in clear unusually often",
            ("who", "role", "fields", "score"),
            [(one.subject, one.role, f"{one.unmaskings:,}", f"{one.score:.1f}") for one in unusual],
        ),
        ("What is overdue", ("what", "how many"), overdue),
        (
            f"Not seen for {UNSEEN_DAYS} days: are the rights still needed?",
            ("who", "role", "last seen"),
            [(one.subject, one.role, f"{one.last_at:%Y-%m-%d}" if one.last_at else "never") for one in report.unseen],
        ),
        (
            "Refused at the door",
            ("where", "field", "kind", "records"),
            [(one.topic, one.field, one.kind, f"{one.records:,}") for one in report.refused],
        ),
        ("Rules in force", ("document", "which"), list(report.policies.items())),
    ]


def tables_of(report: Report) -> list[Table]:
    """For a terminal."""
    found = []
    for title, columns, rows in parts_of(report):
        table = Table(*columns, title=title, title_justify="left", box=None)
        for row in rows or [("none", *[""] * (len(columns) - 1))]:
            table.add_row(*row)
        found.append(table)
    return found


def audit_page(report: Report) -> str:
    """The same as a page, with what was done day by day, and how many fields each person saw in clear."""
    title = f"Management audit, {report.first} to {report.last}"
    tables = "".join(_table(*part) for part in parts_of(report))
    return page(title, f"<h1>{title}</h1>{_by_day(report)}{_by_caller(report)}{tables}")


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return f"<h2>{escape(title)}</h2><p>none</p>"
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<h2>{escape(title)}</h2>" + wide(f"<table><tr>{head}</tr>{body}</table>")


def _by_day(report: Report) -> str:
    days = [report.first + timedelta(days=n) for n in range((report.last - report.first).days + 1)]
    operations = sorted({one.operation for one in report.daily})
    acts: dict[tuple[str, date], int] = {(one.operation, one.day): one.acts for one in report.daily}
    drawn = [[acts.get((operation, day), 0) for day in days] for operation in operations]
    if not drawn:
        return "<p>nothing was done</p>"
    most = max(max(line) for line in drawn)
    coloured = list(zip(cycle(_COLOURS), drawn, strict=False))
    names = ", ".join(
        f"<span style='color: {colour}'>{escape(name)}</span>"
        for name, (colour, _) in zip(operations, coloured, strict=True)
    )
    label = f"acts a day, up to {most:,}"
    return f"<h2>Day by day</h2><p>{label}: {names}</p>{lines(label, coloured, most=most)}"


def _by_caller(report: Report) -> str:
    if not report.callers:
        return ""
    most = max(one.unmaskings for one in report.callers)
    shapes = "".join(
        f"<rect class='after' x='0' y='{n * _BAR}' height='{_BAR - 4}' width='{WIDTH * one.unmaskings / most:.1f}'"
        + (" style='fill: #c85a28'" if one.score is not None else "")
        + f"/><text class='axis' x='4' y='{n * _BAR + 11}'>{escape(one.subject)}: {one.unmaskings:,}</text>"
        for n, one in enumerate(report.callers)
    )
    label = "fields seen in clear by each person; who is unusual in another colour"
    return f"<h2>Identity in clear</h2><p>{label}</p>{picture(_BAR * len(report.callers), label, shapes)}"
