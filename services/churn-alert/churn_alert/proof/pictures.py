"""The pictures of proof as SVG: axes, lines with their bands, points with their intervals, bars."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from rapport.pages import WIDTH, picture

_LEFT, _RIGHT, _TOP, _FOOT, _HEIGHT = 44, 12, 10, 34, 220
OURS, OTHER, THIRD = "#2c6e9b", "#c85a28", "#9aa7b8"
"""Told apart also by who sees no red; the words beside a picture name them."""


def percent(value: float) -> str:
    """A tick of a share."""
    return f"{value:.0%}"


def plain(value: float) -> str:
    """A tick of a count, or of days."""
    return f"{value:,.0f}"


def times(value: float) -> str:
    """A tick of a lift."""
    return f"{value:.1f}×"


@dataclass(frozen=True, slots=True)
class Axes:
    """What lies along and up, from where to where; `along` and `up` name them."""

    along: str
    up: str
    left: float
    right: float
    most: float
    least: float = 0.0
    ticks_along: Callable[[float], str] = percent
    ticks_up: Callable[[float], str] = percent

    def x(self, value: float) -> float:
        """Where a value lies along."""
        share = (value - self.left) / ((self.right - self.left) or 1.0)
        return _LEFT + min(max(share, 0.0), 1.0) * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        """Where a value lies up."""
        share = (value - self.least) / ((self.most - self.least) or 1.0)
        return _TOP + (1.0 - min(max(share, 0.0), 1.0)) * (_HEIGHT - _TOP - _FOOT)

    def draw(self, label: str, shapes: str) -> str:
        """The picture: shapes over a grid with ticks."""
        foot, side, grid = _HEIGHT - _FOOT, _LEFT - 4, ""
        for step in range(5):
            along, up = (
                low + (high - low) * step / 4 for low, high in ((self.left, self.right), (self.least, self.most))
            )
            grid += (
                f"<line x1='{_LEFT}' x2='{WIDTH - _RIGHT}' y1='{self.y(up):.1f}' y2='{self.y(up):.1f}' stroke='#ddd'/>"
                f"<text class='axis' x='{side}' y='{self.y(up) + 4:.1f}' text-anchor='end'>{self.ticks_up(up)}</text>"
                f"<text class='axis' x='{self.x(along):.1f}' y='{foot + 14}' text-anchor='middle'>"
                f"{self.ticks_along(along)}</text>"
            )
        names = (
            f"<text class='axis' x='{WIDTH / 2}' y='{foot + 29}' text-anchor='middle'>{escape(self.along)} (across), "
            f"{escape(self.up)} (up)</text>"
        )
        return picture(_HEIGHT, label, grid + shapes + names)

    def line(self, points: Sequence[tuple[float, float]], colour: str, *, dashed: bool = False) -> str:
        """Points joined in their order."""
        places = " ".join(f"{self.x(along):.1f},{self.y(up):.1f}" for along, up in points)
        dashes = " stroke-dasharray='4 3'" if dashed else ""
        return f"<polyline points='{places}' fill='none' stroke='{colour}' stroke-width='2'{dashes}/>"

    def band(self, points: Sequence[tuple[float, float, float]], colour: str) -> str:
        """The area between the low and the high of each point, left to right."""
        there = [(along, high) for along, _, high in points]
        back = [(along, low) for along, low, _ in reversed(points)]
        places = " ".join(f"{self.x(along):.1f},{self.y(up):.1f}" for along, up in there + back)
        return f"<polygon points='{places}' fill='{colour}' fill-opacity='.15' stroke='none'/>"

    def interval(self, along: float, low: float, value: float, high: float, colour: str) -> str:
        """A point with its interval."""
        x = f"{self.x(along):.1f}"
        return (
            f"<line x1='{x}' x2='{x}' y1='{self.y(low):.1f}' y2='{self.y(high):.1f}' stroke='{colour}'/>"
            f"<circle cx='{x}' cy='{self.y(value):.1f}' r='4' fill='{colour}'/>"
        )

    def bar(self, left: float, right: float, up: float, colour: str) -> str:
        """A bar from the foot on."""
        height = self.y(self.least) - self.y(up)
        return (
            f"<rect x='{self.x(left):.1f}' y='{self.y(up):.1f}' width='{max(self.x(right) - self.x(left) - 1, 1):.1f}' "
            f"height='{height:.1f}' fill='{colour}'/>"
        )


def steps(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same as a staircase: each value holds until the next."""
    found = list(points[:1])
    for before, after in pairwise(points):
        found += [(after[0], before[1]), after]
    return found


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Cells of text, escaped here."""
    head = "".join(f"<th>{escape(one)}</th>" for one in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<div class='wide'><table><tr>{head}</tr>{body}</table></div>"
