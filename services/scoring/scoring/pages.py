"""Pictures of a book of customers before and after; what replays and reports share."""

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

from rapport.pages import WIDTH, picture, wide

_BARS, _HEIGHT = 40, 160
_ROW, _NAMES, _AMOUNTS = 34, 130, 110


def matrix(caption: str, names: Sequence[str], counts: Mapping[tuple[str, str], int]) -> str:
    """Customers by where they are before (rows) and after (columns), with the shares of each row; blue: who stays."""
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    rows = ""
    for before in names:
        row = [counts.get((before, after), 0) for after in names]
        cells = "".join(
            f"<td style='background: rgba({'44, 110, 155' if before == after else '200, 90, 40'}, "
            f"{0.6 * count / max(sum(row), 1):.3f})'>{count:,}<br><small>{count / max(sum(row), 1):.1%}</small></td>"
            for after, count in zip(names, row, strict=True)
        )
        rows += f"<tr><th>{escape(before)}</th>{cells}<td>{sum(row):,}</td></tr>"
    return wide(f"<table><caption>{escape(caption)}</caption><tr><th></th>{head}<th>all</th></tr>{rows}</table>")


def bars(label: str, rows: Sequence[tuple[str, float, float]]) -> str:
    """A name, an amount before in grey and one after in blue, in each row; all on one scale."""
    most = max((abs(amount) for _, *both in rows for amount in both), default=0.0) or 1.0
    room, shapes = WIDTH - _NAMES - _AMOUNTS, ""
    for place, (name, *both) in enumerate(rows):
        top = place * _ROW
        shapes += f"<text class='axis' x='0' y='{top + 18}'>{escape(name)}</text>"
        for kind, amount, down in zip(("before", "after"), both, (4, 16), strict=True):
            width = room * max(amount, 0.0) / most
            shapes += f"<rect class='{kind}' x='{_NAMES}' y='{top + down}' width='{width:.1f}' height='11'/>"
            shapes += f"<text class='axis' x='{_NAMES + width + 4:.1f}' y='{top + down + 9}'>{amount:,.0f}</text>"
    return picture(_ROW * len(rows), label, shapes)


def distribution(
    before: Counter[int], after: Counter[int], starts: Mapping[str, int] | None = None, axis: str = "points"
) -> str:
    """How points lie, before in grey and after in blue, each against its own number of customers; empty ones are not
    drawn.

    `starts`: from how many points each tier is reached, drawn as lines. `axis`: what lies along the foot.
    """
    points = [*before, *after]
    if not points:
        return "<p>Nobody has any points.</p>"
    low, high = min(points), max(points)
    step = max((high - low + 1) / _BARS, 1.0)
    bars = {name: _binned(one, low, step) for name, one in (("before", before), ("after", after)) if one}
    most = max(share for one in bars.values() for share in one)
    width = WIDTH / _BARS
    shapes = [
        f"<rect class='{name}' x='{place * width:.1f}' y='{_HEIGHT * (1 - share / most):.1f}' "
        f"width='{width - 1:.1f}' height='{_HEIGHT * share / most:.1f}'/>"
        for name, shares in bars.items()
        for place, share in enumerate(shares)
    ]
    foot = _HEIGHT + 14
    labels = (
        f"<text class='axis' x='0' y='{foot}'>{low}</text>"
        f"<text class='axis' x='{WIDTH / 2:.0f}' y='{foot}' text-anchor='middle'>{escape(axis)} (across) "
        f"and share of the customers (up; the highest bar is {most:.1%})</text>"
        f"<text class='axis' x='{WIDTH}' y='{foot}' text-anchor='end'>{high}</text>"
    )
    for name, start in (starts or {}).items():
        if low <= start <= high:
            x = (start - low) / step * width
            labels += f"<line class='rule' x1='{x:.1f}' y1='0' x2='{x:.1f}' y2='{_HEIGHT}'/>"
            labels += f"<text class='axis' x='{x + 3:.1f}' y='10'>{escape(name)} from {start}</text>"
    return picture(_HEIGHT + 18, f"Customers by {axis}", f"{''.join(shapes)}{labels}")


def _binned(points: Counter[int], low: int, step: float) -> list[float]:
    shares = [0.0] * _BARS
    for value, count in points.items():
        shares[min(int((value - low) / step), _BARS - 1)] += count / max(points.total(), 1)
    return shares
