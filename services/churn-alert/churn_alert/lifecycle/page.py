"""The funnel as people look at it: one page with pictures, without scripts."""

from collections.abc import Mapping, Sequence
from html import escape

from churn_alert.lifecycle.domain.funnel import Funnel, Risk
from churn_alert.lifecycle.domain.life import STAGES, Stage
from churn_alert.lifecycle.domain.rules import Strategy
from rapport.behaviour.survival import Survival
from rapport.pages import WIDTH, page, picture, wide

_ROW, _NAMES, _AMOUNTS = 34, 90, 90
_HEIGHT, _COLOURS = 160, ("#9aa7b8", "#2c6e9b", "#3f8f5b", "#c85a28")


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


def _table(*columns: str, rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return wide(f"<table><tr>{head}</tr>{body}</table>")


def _stages(funnel: Funnel, strategies: Mapping[Stage, Strategy]) -> str:
    rows = []
    for stage in STAGES:
        count, risk, strategy = funnel.of(stage), funnel.risks.get(stage, Risk()), strategies[stage]
        mean = "–" if risk.mean is None else f"{risk.mean:.1%} of {risk.known:,}"
        served = (strategy.aim, ", ".join(strategy.care))
        figures = (f"{count.inside:,}", f"{count.entered:,}", f"{count.left:,}", mean, f"{risk.raised:,}")
        rows.append((stage, *figures, *served))
    columns = ("stage", "customers", "entered", "left", "mean risk now", "raised now", "aim", "playbooks")
    return _table(*columns, rows=rows)


def _moves(funnel: Funnel) -> str:
    rows = [(one.previous or "first heard of", one.stage, one.rule, f"{one.customers:,}") for one in funnel.moves]
    return _table("from", "to", "rule", "customers", rows=rows) if rows else "<p>Nobody.</p>"


def _curves(dwell: Mapping[Stage, Survival]) -> str:
    last = max((one.days[-1] for one in dwell.values() if one.days), default=0.0)
    if not last:
        return "<p>Nobody has left a stage yet.</p>"
    shapes = ""
    for colour, (stage, one) in zip(_COLOURS, dwell.items(), strict=True):
        if not one.days:
            continue
        places, before = ["0,0"], 1.0
        for day, left in zip(one.days, one.left, strict=True):
            x = WIDTH * day / last
            places += [f"{x:.1f},{_HEIGHT * (1 - before):.1f}", f"{x:.1f},{_HEIGHT * (1 - left):.1f}"]
            before = left
        shapes += f"<polyline class='line' style='stroke: {colour}' points='{' '.join(places)}'/>"
        label = f"<text class='axis' style='fill: {colour}' x='{WIDTH}' text-anchor='end' "
        shapes += f"{label}y='{12 + 13 * STAGES.index(stage)}'>{stage}</text>"
    axes = f"share still in the stage (up) after days (across, to {last:,.0f})"
    foot = f"<text class='axis' x='0' y='{_HEIGHT + 14}'>{axes}</text>"
    return picture(_HEIGHT + 18, "Share still in each stage, by days", shapes + foot)


def _dwell(dwell: Mapping[Stage, Survival]) -> str:
    rows = []
    for stage, one in dwell.items():
        days = (one.reached(share) for share in (0.25, 0.5, 0.75))
        shown = ("not yet" if day is None else f"{day:,.0f}" for day in days)
        rows.append((stage, f"{one.ended:,}", f"{one.lasting:,}", *shown))
    return _table("stage", "left", "still in it", "a quarter after days", "half", "three quarters", rows=rows)


def _units(funnel: Funnel) -> str:
    rows = []
    for unit, counts in funnel.units().items():
        inside = (f"{counts[stage].inside if stage in counts else 0:,}" for stage in STAGES)
        rows.append((unit or "of no unit", *inside))
    return _table("unit", *STAGES, rows=rows)
