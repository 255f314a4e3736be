"""The four pictures of proof: reliability, lift, lead time, survival; each says where there is nothing to draw yet."""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil
from statistics import quantiles

from churn_alert.proof.domain.reliability import Band, Lift
from rapport.behaviour.survival import Step
from rapport.pictures import OTHER, OURS, PLAIN, THIRD, TIMES, Axes, steps

_BARS = 24
_TOO_FEW = "<p>Too few are judged: there is nothing to draw yet.</p>"


def reliability(bands: Sequence[Band], said: str) -> str:
    """What was said against what came true; `said`: the sentence under the heading."""
    if not bands:
        return f"<h2>Reliability</h2>{_TOO_FEW}"
    most = max(max(one.said, one.true.high) for one in bands)
    axes = Axes("what was said", "what came true", 0.0, most, most)
    shapes = axes.line([(0, 0), (most, most)], THIRD, dashed=True)
    shapes += "".join(axes.interval(one.said, one.true.low, one.true.value, one.true.high, OURS) for one in bands)
    return f"<h2>Reliability</h2><p>{said}</p>{axes.draw('Reliability curve', shapes)}"


def lift(ours: Sequence[Lift], recency: Sequence[Lift], of: str) -> str:
    """How many more leave among the riskiest; `of`: among whom."""
    if not ours:
        return f"<h2>Lift</h2>{_TOO_FEW}"
    most = max(one.lift.high for one in (*ours, *recency))
    axes = Axes(f"share of {of}, the riskiest first", "lift", 0.0, 0.5, most, ticks_up=TIMES)
    shapes = axes.band([(one.share, one.lift.low, one.lift.high) for one in ours], OURS)
    shapes += axes.line([(one.share, one.lift.value) for one in ours], OURS)
    shapes += axes.line([(one.share, one.lift.value) for one in recency], OTHER) if recency else ""
    shapes += axes.line([(0, 1), (0.5, 1)], THIRD, dashed=True)
    beside = (
        "recency in orange" if recency else "days of silence at issue are not known of all, so recency is not drawn"
    )
    return (
        f"<h2>Lift</h2><p>How many more leave among the riskiest than among all {of}: the probability in blue with its "
        f"95 % band, {beside}.</p>{axes.draw('Lift curve', shapes)}"
    )


def lead_times(ours: Sequence[int], recency: Sequence[int], of: str) -> str:
    """Days from the alert until the customer is gone; `of`: whose."""
    if not ours:
        return f"<h2>Lead time</h2>{_TOO_FEW}"
    every = (*ours, *recency)
    # Whole days, or a bar would have one day more than the next; and up to 0, or one would be both late and in time.
    width = ceil((max(every) + 1 - min(every)) / _BARS)
    edges = range((min(every) - 1) // width * width, max(every) + width, width)
    bars, line = ([sum(a < day <= b for day in days) for a, b in pairwise(edges)] for days in (ours, recency))
    most = max(*bars, *line)
    along = "days before the customer is gone"
    axes = Axes(along, "departures", edges[0], edges[-1], most, ticks_along=PLAIN, ticks_up=PLAIN)
    middle = [(a + b) / 2 for a, b in pairwise(edges)]
    shapes = "".join(axes.bar(a, b, one, OURS) for (a, b), one in zip(pairwise(edges), bars, strict=True))
    shapes += axes.line(list(zip(middle, map(float, line), strict=True)), OTHER) if recency else ""
    beside = ", recency as an orange line" if recency else ""
    each = "of a day" if width == 1 else f"of {width} days"
    return (
        f"<h2>Lead time</h2><p>{of}: the alerts as blue bars {each}{beside}; right of 0 it came in time.{_half(ours)}"
        f"</p>{axes.draw('Lead times', shapes)}"
    )


def _half(days: Sequence[int]) -> str:
    if len(days) < 2:
        return ""
    low, _, high = quantiles(days, n=4, method="inclusive")
    return f" Half of them lie between {low:.0f} and {high:.0f} days."


def survival(treated: Sequence[Step], held_out: Sequence[Step], window_days: int) -> str:
    """Who is still there, day by day since the alert: the treated in blue, the held out in orange."""
    if not treated and not held_out:
        return "<p>Nobody who is judged was gone: there is no curve to draw.</p>"
    lowest = min(step.low for step in (*treated, *held_out))
    axes = Axes("days since the alert", "still there", 0, window_days, 1.0, max(lowest - 0.05, 0.0), ticks_along=PLAIN)
    shapes = ""
    for found, colour in ((treated, OURS), (held_out, OTHER)):
        levels = [(0.0, 1.0, 1.0, 1.0), *((one.day, one.share, one.low, one.high) for one in found)]
        levels.append((window_days, *levels[-1][1:]))
        lows, highs = (steps([(level[0], level[place]) for level in levels]) for place in (2, 3))
        band = [(low[0], low[1], high[1]) for low, high in zip(lows, highs, strict=True)]
        shapes += axes.band(band, colour) + axes.line(steps([(day, share) for day, share, _, _ in levels]), colour)
    return (
        "<p>The treated in blue, the held out in orange. A band is 95 %; a curve ends with the window.</p>"
        f"{axes.draw('Survival by arm', shapes)}"
    )
