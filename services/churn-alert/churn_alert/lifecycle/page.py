"""The funnel as people look at it: one page with pictures, without scripts."""

from collections.abc import Mapping
from html import escape

from churn_alert.lifecycle.domain.funnel import Funnel, Risk
from churn_alert.lifecycle.domain.life import STAGES, Stage
from churn_alert.lifecycle.domain.rules import Strategy
from rapport.behaviour.survival import Survival
from rapport.pages import WIDTH, page, picture
from rapport.pictures import PLAIN, Axes, steps, table

_ROW, _NAMES, _AMOUNTS = 34, 90, 90
_COLOURS = ("#6b7a8d", "#2c6e9b", "#3f8f5b", "#c85a28")


def funnel_page(funnel: Funnel, dwell: Mapping[Stage, Survival], strategies: Mapping[Stage, Strategy]) -> str:
    """The whole page."""
    window = funnel.window
    of = "all units" if window.unit is None else f"unit {window.unit}"
    said = f"At {window.as_of.isoformat()}, and what moved since {window.begins.isoformat()}; {of}."
    return page(
        "Stages of life with the bank",
        f"<h1>Stages of life with the bank</h1><p>{escape(said)}</p>{_bars(funnel)}{_stages(funnel, strategies)}"
        f"<h2>Who moved</h2>{_moves(funnel)}<h2>How long customers stay</h2>{_curves(dwell)}{_dwell(dwell)}"
        f"<h2>By unit</h2>{_units(funnel)}",
    )


def _bars(funnel: Funnel) -> str:
    amounts = [(stage, funnel.of(stage).inside) for stage in STAGES]
    most, shapes = max(amount for _, amount in amounts) or 1, ""
    for place, (stage, amount) in enumerate(amounts):
        top, width = place * _ROW, (WIDTH - _NAMES - _AMOUNTS) * amount / most
        shapes += f"<text class='axis' x='0' y='{top + 18}'>{stage}</text>"
        shapes += f"<rect class='after' x='{_NAMES}' y='{top + 4}' width='{width:.1f}' height='22'/>"
        shapes += f"<text class='axis' x='{_NAMES + width + 4:.1f}' y='{top + 19}'>{amount:,}</text>"
    return picture(_ROW * len(amounts), "Customers by stage", shapes)


def _stages(funnel: Funnel, strategies: Mapping[Stage, Strategy]) -> str:
    rows = []
    for stage in STAGES:
        count, risk, strategy = funnel.of(stage), funnel.risks.get(stage, Risk()), strategies[stage]
        mean = "–" if risk.mean is None else f"{risk.mean:.1%} of {risk.known:,}"
        served = (strategy.aim, ", ".join(strategy.care))
        figures = (f"{count.inside:,}", f"{count.entered:,}", f"{count.left:,}", mean, f"{risk.raised:,}")
        rows.append((stage, *figures, *served))
    columns = ("stage", "customers", "entered", "left", "mean risk now", "raised now", "aim", "playbooks")
    return table(columns, rows)


def _moves(funnel: Funnel) -> str:
    rows = [(one.previous or "first heard of", one.stage, one.rule, f"{one.customers:,}") for one in funnel.moves]
    return table(("from", "to", "rule", "customers"), rows) if rows else "<p>Nobody.</p>"


def _curves(dwell: Mapping[Stage, Survival]) -> str:
    last = max((one.days[-1] for one in dwell.values() if one.days), default=0.0)
    if not last:
        return "<p>Nobody has left a stage yet.</p>"
    axes = Axes("days in the stage", "share still in it", 0.0, last, 1.0, ticks_along=PLAIN)
    shapes, names = "", []
    for colour, (stage, one) in zip(_COLOURS, dwell.items(), strict=True):
        if one.days:
            points = [(0.0, 1.0), *zip(one.days, one.left, strict=True)]
            shapes += axes.line(steps(points), colour)
            names.append(f"<span style='color: {colour}'>■</span> {stage}")
    return f"<p>{', '.join(names)}</p>{axes.draw('Share still in each stage, by days', shapes)}"


def _dwell(dwell: Mapping[Stage, Survival]) -> str:
    rows = []
    for stage, one in dwell.items():
        days = (one.reached(share) for share in (0.25, 0.5, 0.75))
        shown = ("not yet" if day is None else f"{day:,.0f}" for day in days)
        rows.append((stage, f"{one.ended:,}", f"{one.lasting:,}", *shown))
    return table(("stage", "left", "still in it", "a quarter after days", "half", "three quarters"), rows)


def _units(funnel: Funnel) -> str:
    rows = []
    for unit, counts in funnel.units().items():
        inside = (f"{counts[stage].inside if stage in counts else 0:,}" for stage in STAGES)
        rows.append((unit or "of no unit", *inside))
    return table(("unit", *STAGES), rows)
