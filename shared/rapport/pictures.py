"""What pictures are drawn with, as SVG: axes, lines with their bands, points with their intervals, bars; and tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import ceil, floor, log10
from typing import NamedTuple

from rapport.pages import WIDTH, picture

_LEFT, _RIGHT, _TOP, _FOOT, _HEIGHT = 44, 12, 10, 34, 220
OURS, OTHER, THIRD = "#2c6e9b", "#c85a28", "#9aa7b8"
"""Told apart also by who sees no red; the words beside a picture name them."""


class Ticks(NamedTuple):
    """How the numbers of an axis are said, and by how little two of them can be told apart."""

    said: Callable[[float], str]
    least: float

    def between(self, low: float, high: float) -> list[float]:
        """Round numbers, six at most: 1, 2 or 5 of a power of ten apart, so that each is what is written beside it."""
        wanted = max((high - low) / _STEPS, self.least)
        power = 10.0 ** floor(log10(wanted))
        step = next(power * times for times in (1, 2, 5, 10) if power * times >= wanted * (1 - _ROUNDING))
        first, last = ceil(low / step - _ROUNDING), floor(high / step + _ROUNDING)
        return [number * step for number in range(first, last + 1)]


_STEPS, _ROUNDING = 5, 1e-9
PERCENT = Ticks("{:.0%}".format, 0.01)
PLAIN = Ticks("{:,.0f}".format, 1.0)
"""A count, or days."""
TIMES = Ticks("{:.1f}×".format, 0.1)


@dataclass(frozen=True, slots=True)
class Axes:
    """What lies along and up, from where to where; `along` and `up` name them."""

    along: str
    up: str
    left: float
    right: float
    most: float
    least: float = 0.0
    ticks_along: Ticks = PERCENT
    ticks_up: Ticks = PERCENT

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
        for up in self.ticks_up.between(self.least, self.most):
            y = self.y(up)
            grid += (
                f"<line x1='{_LEFT}' x2='{WIDTH - _RIGHT}' y1='{y:.1f}' y2='{y:.1f}' stroke='#ddd'/>"
                f"<text class='axis' x='{side}' y='{y + 4:.1f}' text-anchor='end'>{self.ticks_up.said(up)}</text>"
            )
        for along in self.ticks_along.between(self.left, self.right):
            grid += (
                f"<text class='axis' x='{self.x(along):.1f}' y='{foot + 14}' text-anchor='middle'>"
                f"{escape(self.ticks_along.said(along))}</text>"
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
