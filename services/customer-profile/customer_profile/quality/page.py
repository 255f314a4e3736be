"""Data quality as people look at it: a table, and a page with a picture for each source and dimension."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from itertools import cycle, groupby
from typing import NamedTuple

from rich.table import Table
from sqlalchemy import RowMapping

from rapport.pages import lines, page, wide

_COLUMNS = ("source", "attribute", "dimension", "seen", "faults", "share", "last day")
_COLOURS = ("#2c6e9b", "#c85a28", "#5b8c5a", "#8a5a9b", "#9a8432", "#667788")


class Series(NamedTuple):
    """One attribute of one source under one dimension: seen and faults by day. Of the book only the last day counts."""

    source: str
    attribute: str
    dimension: str
    days: Mapping[date, tuple[int, int]]

    def share(self, day: date) -> float:
        """Of what was seen on a day, the part with the fault; none where nothing was."""
        seen, faults = self.days.get(day, (0, 0))
        return faults / seen if seen else 0.0

    @property
    def total(self) -> tuple[int, int]:
        """Seen and faults over all days of records; of a state, on the last day."""
        if self.source == "book":
            return self.days[max(self.days)]
        seen, faults = zip(*self.days.values(), strict=True)
        return sum(seen), sum(faults)


def series_of(rows: Sequence[RowMapping]) -> list[Series]:
    """Rows by source, attribute, dimension and day, in this order, as series."""

    def key(row: RowMapping) -> tuple[str, str, str]:
        return row["source"], row["attribute"], row["dimension"]

    return [Series(*of, {row["day"]: (row["seen"], row["faults"]) for row in days}) for of, days in groupby(rows, key)]


def quality_table(found: Sequence[Series], open_issues: Mapping[str, int]) -> Table:
    """Every series in figures, the worst first, for a terminal."""
    table = Table(title=_said(open_issues), title_justify="left", box=None)
    for column in _COLUMNS:
        table.add_column(column, justify="right" if column in {"seen", "faults", "share"} else "left")
    for row in _rows(found):
        table.add_row(*row)
    return table


def quality_page(found: Sequence[Series], open_issues: Mapping[str, int], days: Sequence[date]) -> str:
    """The same as a page, with the share of faults day by day."""
    head = "".join(f"<th>{column}</th>" for column in _COLUMNS)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in _rows(found))
    pictures = defaultdict(list)
    for one in found:
        pictures[one.source, one.dimension].append(one)
    drawn = "".join(_picture(*of, those, days) for of, those in pictures.items())
    table = wide(f"<table><tr>{head}</tr>{rows}</table>")
    return page("Data quality", f"<h1>Data quality</h1><p>{escape(_said(open_issues))}</p>{table}{drawn}")


def _said(open_issues: Mapping[str, int]) -> str:
    told = ", ".join(f"{fault} {count:,}" for fault, count in sorted(open_issues.items()))
    return f"issues that wait for a steward: {told or 'none'}"


def _rows(found: Sequence[Series]) -> list[tuple[str, ...]]:
    def row(one: Series) -> tuple[str, ...]:
        seen, faults = one.total
        share = f"{faults / seen:.2%}" if seen else "nothing seen"
        return *one[:3], f"{seen:,}", f"{faults:,}", share, max(one.days).isoformat()

    return [row(one) for one in sorted(found, key=lambda one: -one.total[1] / max(one.total[0], 1))]


def _picture(source: str, dimension: str, found: Sequence[Series], days: Sequence[date]) -> str:
    shares = [[one.share(day) for day in days] for one in found]
    most = max(0.01, *(share for line in shares for share in line))
    coloured = list(zip(cycle(_COLOURS), shares, strict=False))
    names = ", ".join(
        f"<span style='color: {colour}'>{escape(one.attribute)}</span>"
        for one, (colour, _) in zip(found, coloured, strict=True)
    )
    title = f"{source}: {dimension}"
    label = f"share of faults from {days[0]} to {days[-1]}, up to {most:.1%}"
    return f"<h2>{escape(title)}</h2><p>{label}: {names}</p>{lines(f'{title}, {label}', coloured, most=most)}"
