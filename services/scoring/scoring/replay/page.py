"""A replay as people look at it: who moves from which tier to which, and how points lie; a page without scripts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from rich.table import Table

from scoring.pages import bars, distribution, matrix, page
from scoring.replay.domain import Comparison
from scoring.replay.exposure import BY, By, Exposure, Group, summed
from scoring.scorecard.domain import Tier

_COLUMNS = ("customers", "struck", "deposits", "after it", "change", "lifetime value", "then", "change")

_RESERVATIONS = {
    "compacted": "records of compacted topics are gone: what customers held in between is not known to this replay",
    "passed_over": "customers in whose tiers people had a hand are replayed by the scorecard alone",
}


class AtRisk(NamedTuple):
    """What customers have before and after a shock; nothing without one.

    `ladder`: from how many points each tier is reached, the lowest first, which has no such number. `unit`: minor units
    of a whole one.
    """

    exposures: Sequence[tuple[Group, Exposure]]
    ladder: Mapping[Tier, int | None]
    unit: int


def migration_table(comparison: Comparison, ladder: Iterable[Tier]) -> Table:
    """Customers by tier before (rows) and after (columns), for a terminal."""
    tiers = _tiers(comparison, ladder)
    table = Table(title=f"{comparison.customers:,} customers, {comparison.moved:,} in another tier", box=None)
    table.add_column("before \\ after")
    for tier in tiers:
        table.add_column(tier, justify="right")
    for before in tiers:
        table.add_row(before, *(f"{comparison.migration.get((before, after), 0):,}" for after in tiers))
    return table


def reservations(figures: Mapping[str, Any]) -> list[str]:
    """In which ways the result is not what was, a sentence each."""
    return [f"{figures[name]:,} {said}" for name, said in _RESERVATIONS.items() if figures.get(name)]


def write_page(folder: Path, comparison: Comparison, figures: Mapping[str, Any], risk: AtRisk) -> Path:
    """The page, in this folder."""
    path, tiers = folder / "page.html", _tiers(comparison, risk.ladder)
    starts = {tier: start for tier, start in risk.ladder.items() if start is not None}
    rows = [f"<tr><th>{escape(name.replace('_', ' '))}</th><td>{_text(one)}</td></tr>" for name, one in figures.items()]
    path.write_text(
        page(
            "Replay",
            f"<h1>Replay to {escape(str(figures['to']))}</h1>"
            f"<p>{comparison.customers:,} customers, {comparison.moved:,} of them in another tier.</p>"
            f"{''.join(f'<p>{one}.</p>' for one in reservations(figures))}"
            f"{matrix('Tier before (rows) and after (columns)', tiers, comparison.migration)}"
            f"{_risk_section(risk)}"
            "<h2>Points</h2><p>Before in grey, after in blue.</p>"
            f"{distribution(comparison.points_before, comparison.points_after, starts)}"
            f"<h2>Figures</h2><table>{''.join(rows)}</table>",
        ),
        encoding="utf-8",
    )
    return path


def risk_tables(risk: AtRisk) -> list[Table]:
    """What is at risk by segment and by tier, in whole units of money, for a terminal; none without a shock."""
    tables = []
    for by in BY if risk.exposures else ():
        table = Table(title=f"at risk by {by}", title_justify="left", box=None)
        for column in (by, *_COLUMNS):
            table.add_column(column, justify="left" if column == by else "right")
        for row in _rows(risk, by):
            table.add_row(*row)
        tables.append(table)
    return tables


def _risk_section(risk: AtRisk) -> str:
    section = ""
    for by in BY if risk.exposures else ():
        head = "".join(f"<th>{column}</th>" for column in (by, *_COLUMNS))
        rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in _rows(risk, by))
        section += f"<table><caption>At risk by {by}, before and after</caption><tr>{head}</tr>{rows}</table>"
        section += f"<p>Deposits before the shock in grey, after it in blue.</p>{_picture(risk, by)}"
    return f"<h2>At risk</h2>{section}" if section else ""


def _picture(risk: AtRisk, by: By) -> str:
    found = summed(risk.exposures, by)
    deposits = [
        (n or "-", found[n].deposits_before / risk.unit, found[n].deposits_after / risk.unit) for n in _names(risk, by)
    ]
    return bars(f"Deposits by {by}", deposits)


def _names(risk: AtRisk, by: By) -> list[str | None]:
    """The lowest tier first, or the segment of the most deposits."""
    found = summed(risk.exposures, by)
    order = {tier: place for place, tier in enumerate(risk.ladder)} if by == "tier" else {}
    return sorted(found, key=lambda name: (order.get(name or "", len(order)), -found[name].deposits_before))


def _rows(risk: AtRisk, by: By) -> Iterator[list[str]]:
    """A row a tier or a segment, and one of all."""
    found, everybody = summed(risk.exposures, by), Exposure()
    for name in _names(risk, by):
        everybody = everybody.plus(found[name])
        yield [name or "-", *_cells(found[name], risk.unit)]
    yield ["all", *_cells(everybody, risk.unit)]


def _cells(one: Exposure, unit: int) -> list[str]:
    counts = [f"{one.customers:,}", f"{one.struck:,}"]
    for before, after in ((one.deposits_before, one.deposits_after), (one.value_before, one.value_after)):
        change = f"{after / before - 1.0:+.1%}" if before else "-"
        counts += [f"{before / unit:,.0f}", f"{after / unit:,.0f}", change]
    return counts


def _tiers(comparison: Comparison, ladder: Iterable[Tier]) -> list[Tier]:
    """Those of the ladder in force first, the lowest first; then any other that occurs."""
    found = {tier for pair in comparison.migration for tier in pair}
    return [*ladder, *sorted(found - set(ladder))]


def _text(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else escape(str(value if value is not None else "-"))
