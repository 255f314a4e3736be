"""A page for people: one file without scripts, with pictures in it. What is drawn on it is each report's own."""

from collections.abc import Sequence
from html import escape

WIDTH = 640
"""Of every picture, in its own units; it is as wide as the page."""
_HEIGHT = 120
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 54rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; margin: 1rem 0 } td, th { padding: .35rem .6rem; text-align: right }
th { font-weight: 600 } caption { text-align: left; font-weight: 600 } svg { display: block; margin: .5rem 0 1.5rem }
td:first-child, th:first-child { text-align: left; white-space: nowrap } .wide > svg { min-width: 34rem }
td small { color: #667 } .before { fill: #9aa7b8 } .after { fill: #2c6e9b; opacity: .65 }
.axis { font-size: 11px; fill: #555 } .wide { overflow-x: auto }
.line { stroke: #2c6e9b; stroke-width: 2; fill: none } .rule { stroke: #c85a28; stroke-dasharray: 4 3 }
"""


def page(title: str, body: str) -> str:
    """The whole page; `body` is markup already."""
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escape(title)}</title><style>{_STYLE}</style>{body}</html>\n"
    )


def picture(height: int, label: str, shapes: str) -> str:
    """Shapes in a frame of WIDTH and this height; `label` is read out instead of them. On a phone it keeps a width at
    which its words can be read, and scrolls."""
    frame = f"viewBox='0 0 {WIDTH} {height}' role='img' aria-label='{escape(label, quote=True)}'"
    return wide(f"<svg {frame}>{shapes}</svg>")


def wide(inside: str) -> str:
    """A table or a picture that scrolls by itself where it is wider than the page."""
    return f"<div class='wide'>{inside}</div>"


def lines(label: str, drawn: Sequence[tuple[str, Sequence[float]]], *, most: float, rules: Sequence[float] = ()) -> str:
    """Lines over time, each a colour and its values from left to right, up to `most`; `rules` are drawn across."""

    def up(value: float) -> float:
        return _HEIGHT * (1 - value / most)

    shapes = "".join(
        f"<line class='rule' x1='0' x2='{WIDTH}' y1='{up(rule):.1f}' y2='{up(rule):.1f}'/>" for rule in rules
    )
    for colour, values in drawn:
        places = " ".join(f"{n * WIDTH / max(len(values) - 1, 1):.1f},{up(one):.1f}" for n, one in enumerate(values))
        shapes += f"<polyline class='line' style='stroke: {colour}' points='{places}'/>"
    return picture(_HEIGHT, label, shapes)
