"""A replay as people look at it: who moves from which tier to which, and how points lie; a page without scripts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from rich.table import Table

from scoring.replay.domain import Comparison
from scoring.scorecard.domain import Tier

_BARS, _WIDTH, _HEIGHT = 40, 640, 160
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; color: #222 }
table { border-collapse: collapse; margin: 1rem 0 } td, th { padding: .35rem .8rem; text-align: right }
th { font-weight: 600 } caption { text-align: left; font-weight: 600 } svg { display: block; margin: .5rem 0 1.5rem }
.before { fill: #9aa7b8 } .after { fill: #2c6e9b; opacity: .65 } .axis { font-size: 11px; fill: #555 }
"""


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
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Replay</title><style>{_STYLE}</style>"
        f"<h1>Replay to {escape(str(figures['to']))}</h1>"
        f"<p>{comparison.customers:,} customers, {comparison.moved:,} of them in another tier.</p>"
        f"{_matrix(comparison, _tiers(comparison, ladder))}"
        "<h2>Points</h2><p>Before in grey, after in blue.</p>"
        f"{_distribution(comparison.points_before, comparison.points_after)}"
        f"<h2>Figures</h2><table>{''.join(rows)}</table></html>\n",
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


def _distribution(before: Counter[int], after: Counter[int]) -> str:
    points = [*before, *after]
    if not points:
        return "<p>Nobody has any points.</p>"
    low, high = min(points), max(points)
    step = max((high - low + 1) / _BARS, 1.0)
    bars = {"before": _binned(before, low, step), "after": _binned(after, low, step)}
    most = max(count for one in bars.values() for count in one)
    width = _WIDTH / _BARS
    shapes = [
        f"<rect class='{name}' x='{place * width:.1f}' y='{_HEIGHT * (1 - count / most):.1f}' "
        f"width='{width - 1:.1f}' height='{_HEIGHT * count / most:.1f}'/>"
        for name, counts in bars.items()
        for place, count in enumerate(counts)
    ]
    labels = (
        f"<text class='axis' x='0' y='{_HEIGHT + 14}'>{low}</text>"
        f"<text class='axis' x='{_WIDTH}' y='{_HEIGHT + 14}' text-anchor='end'>{high} points</text>"
    )
    frame = f"viewBox='0 0 {_WIDTH} {_HEIGHT + 18}' role='img' aria-label='Points of all customers'"
    return f"<svg {frame}>{''.join(shapes)}{labels}</svg>"


def _binned(points: Counter[int], low: int, step: float) -> list[int]:
    counts = [0] * _BARS
    for value, count in points.items():
        counts[min(int((value - low) / step), _BARS - 1)] += count
    return counts


def _text(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else escape(str(value if value is not None else "-"))
