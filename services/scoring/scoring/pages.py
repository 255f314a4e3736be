"""A page for people: one file without scripts, and pictures in it; what replays and reports share."""

from collections import Counter
from html import escape

_BARS, _WIDTH, _HEIGHT = 40, 640, 160
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; color: #222 }
table { border-collapse: collapse; margin: 1rem 0 } td, th { padding: .35rem .8rem; text-align: right }
th { font-weight: 600 } caption { text-align: left; font-weight: 600 } svg { display: block; margin: .5rem 0 1.5rem }
.before { fill: #9aa7b8 } .after { fill: #2c6e9b; opacity: .65 } .axis { font-size: 11px; fill: #555 }
.line { stroke: #2c6e9b; stroke-width: 2; fill: none } .rule { stroke: #c85a28; stroke-dasharray: 4 3 }
"""


def page(title: str, body: str) -> str:
    """The whole page; `body` is markup already."""
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{escape(title)}</title><style>{_STYLE}</style>"
        f"{body}</html>\n"
    )


def picture(height: int, label: str, shapes: str) -> str:
    """Shapes in a frame of WIDTH and this height; `label` is read out instead of them."""
    frame = f"viewBox='0 0 {_WIDTH} {height}' role='img' aria-label='{escape(label, quote=True)}'"
    return f"<svg {frame}>{shapes}</svg>"


def distribution(before: Counter[int], after: Counter[int]) -> str:
    """How points lie, before in grey and after in blue, each against its own number of customers."""
    points = [*before, *after]
    if not points:
        return "<p>Nobody has any points.</p>"
    low, high = min(points), max(points)
    step = max((high - low + 1) / _BARS, 1.0)
    bars = {"before": _binned(before, low, step), "after": _binned(after, low, step)}
    most = max(share for one in bars.values() for share in one)
    width = _WIDTH / _BARS
    shapes = [
        f"<rect class='{name}' x='{place * width:.1f}' y='{_HEIGHT * (1 - share / most):.1f}' "
        f"width='{width - 1:.1f}' height='{_HEIGHT * share / most:.1f}'/>"
        for name, shares in bars.items()
        for place, share in enumerate(shares)
    ]
    labels = (
        f"<text class='axis' x='0' y='{_HEIGHT + 14}'>{low}</text>"
        f"<text class='axis' x='{_WIDTH}' y='{_HEIGHT + 14}' text-anchor='end'>{high} points</text>"
    )
    return picture(_HEIGHT + 18, "Points of all customers", f"{''.join(shapes)}{labels}")


def _binned(points: Counter[int], low: int, step: float) -> list[float]:
    shares = [0.0] * _BARS
    for value, count in points.items():
        shares[min(int((value - low) / step), _BARS - 1)] += count / max(points.total(), 1)
    return shares
