"""A replay as people look at it: who moves from which tier to which, and how points lie; a page without scripts."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from rich.table import Table

from scoring.pages import distribution, page
from scoring.replay.domain import Comparison
from scoring.scorecard.domain import Tier


def migration_table(comparison: Comparison, ladder: Sequence[Tier]) -> Table:
    """Customers by tier before (rows) and after (columns), for a terminal."""
    tiers = _tiers(comparison, ladder)
    table = Table(title=f"{comparison.customers:,} customers, {comparison.moved:,} in another tier", box=None)
    table.add_column("before \\ after")
    for tier in tiers:
        table.add_column(tier, justify="right")
    for before in tiers:
        table.add_row(before, *(f"{comparison.migration.get((before, after), 0):,}" for after in tiers))
    return table


def write_page(folder: Path, comparison: Comparison, ladder: Sequence[Tier], figures: Mapping[str, Any]) -> Path:
    """The page, in this folder."""
    path = folder / "page.html"
    rows = [f"<tr><th>{escape(name.replace('_', ' '))}</th><td>{_text(one)}</td></tr>" for name, one in figures.items()]
    path.write_text(
        page(
            "Replay",
            f"<h1>Replay to {escape(str(figures['to']))}</h1>"
            f"<p>{comparison.customers:,} customers, {comparison.moved:,} of them in another tier.</p>"
            f"{_matrix(comparison, _tiers(comparison, ladder))}"
            "<h2>Points</h2><p>Before in grey, after in blue.</p>"
            f"{distribution(comparison.points_before, comparison.points_after)}"
            f"<h2>Figures</h2><table>{''.join(rows)}</table>",
        ),
        encoding="utf-8",
    )
    return path


def _tiers(comparison: Comparison, ladder: Sequence[Tier]) -> list[Tier]:
    """Those of the ladder in force first, the lowest first; then any other that occurs."""
    found = {tier for pair in comparison.migration for tier in pair}
    return [*ladder, *sorted(found - set(ladder))]


def _matrix(comparison: Comparison, tiers: Sequence[Tier]) -> str:
    most = max(comparison.migration.values(), default=1)
    head = "".join(f"<th>{escape(tier)}</th>" for tier in tiers)
    rows = []
    for before in tiers:
        cells = []
        for after in tiers:
            count = comparison.migration.get((before, after), 0)
            colour = "44, 110, 155" if before == after else "200, 90, 40"
            cells.append(f"<td style='background: rgba({colour}, {0.6 * count / most:.3f})'>{count:,}</td>")
        rows.append(f"<tr><th>{escape(before)}</th>{''.join(cells)}</tr>")
    caption = "<caption>Tier before (rows) and after (columns)</caption>"
    return f"<table>{caption}<tr><th></th>{head}</tr>{''.join(rows)}</table>"


def _text(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else escape(str(value if value is not None else "-"))
