"""Proof as people look at it: sections with pictures, of the live figures and of what a back-test shares with them."""

from collections.abc import Sequence
from html import escape

from churn_alert.proof.domain.survival import Step
from churn_alert.proof.domain.uplift import MEANING, Arm
from churn_alert.proof.handlers import Experiment
from churn_alert.proof.pictures import OTHER, OURS, THIRD, Axes, plain, steps, table
from churn_alert.proof.views import FiguresView, ProofView, RateView
from rapport.behaviour.rates import Rate
from rapport.pages import page

_COLUMNS = ("", "alerts", "judged", "right", "precision", "95 %", "in time", "median lead", "said", "Brier")
_CURVES = "A band is 95 %; a curve ends with the window."


def live_page(shown: ProofView, tried: Sequence[Experiment], window_days: int) -> str:
    """The whole page."""
    as_of = shown.as_of.isoformat() if shown.as_of else "no event yet"
    sections = "".join(
        f"<h3>By {escape(name)}</h3>{table(_COLUMNS, [_row(one) for one in those])}" for name, those in shown.by.items()
    )
    return page(
        "Churn alerts: proof",
        f"<h1>Churn alerts: proof</h1><p>As of {escape(as_of)}. An alert is judged {window_days} days after it was "
        f"opened, by {escape(shown.definition)} version {shown.definition_version}.</p>"
        f"{table(_COLUMNS, [_row(shown.all)])}{_reliability(shown)}{_months(shown.by.get('month', ()))}{sections}"
        f"{experiments_section(tried, window_days)}",
    )


def experiments_section(tried: Sequence[Experiment], window_days: int) -> str:
    """Each version of a playbook with its arms, its effect, and how long customers stay."""
    if not tried:
        return "<h2>Interventions</h2><p>No playbook has drawn an arm yet, so no effect can be told.</p>"
    return "<h2>Interventions</h2>" + "".join(_experiment(one, window_days) for one in tried)


def said(rate: Rate | RateView | None) -> str:
    """A share with its interval."""
    return "-" if rate is None else f"{rate.value:.1%} ({rate.low:.1%} to {rate.high:.1%})"


def _row(one: FiguresView) -> tuple[str, ...]:
    interval = f"{one.precision.low:.1%} to {one.precision.high:.1%}" if one.precision else "too few"
    return (
        one.group or "all",
        f"{one.alerts:,}",
        f"{one.judged:,}",
        f"{one.right:,}",
        f"{one.precision.value:.1%}" if one.precision else "-",
        interval,
        f"{one.in_time.value:.1%}" if one.in_time else "-",
        "-" if one.median_lead_days is None else f"{one.median_lead_days:.0f} days",
        "-" if one.said is None else f"{one.said:.1%}",
        "-" if one.brier is None else f"{one.brier:.3f}",
    )


def _reliability(shown: ProofView) -> str:
    bands = [one for one in shown.by.get("band", ()) if one.precision is not None and one.said is not None]
    if not bands:
        return ""
    axes = Axes("what was said", "what came true", 0.0, 1.0, 1.0)
    shapes = axes.line([(0, 0), (1, 1)], THIRD, dashed=True)
    for one in bands:
        assert one.precision is not None
        assert one.said is not None
        shapes += axes.interval(one.said, one.precision.low, one.precision.value, one.precision.high, OURS)
    error = "" if shown.calibration_error is None else f" Expected calibration error {shown.calibration_error:.3f}."
    return (
        f"<h2>Reliability</h2><p>Each point is a step of 5 % of the probability that was told; on the dashed line it "
        f"comes true as often as it is said.{error}</p>{axes.draw('Reliability of the probability', shapes)}"
    )


def _months(months: Sequence[FiguresView]) -> str:
    told = [(n, one.precision) for n, one in enumerate(months) if one.precision is not None]
    if len(told) < 2:
        return ""
    axes = Axes("months", "precision", 0, max(len(months) - 1, 1), 1.0, ticks_along=plain)
    shapes = axes.line([(n, one.value) for n, one in told], OURS)
    shapes += "".join(axes.interval(n, one.low, one.value, one.high, OURS) for n, one in told)
    span = f"{escape(months[0].group or '')} to {escape(months[-1].group or '')}"
    return f"<h2>Precision by month of opening</h2><p>{span}.</p>{axes.draw('Precision by month', shapes)}"


def _experiment(one: Experiment, window_days: int) -> str:
    found = one.uplift
    rows = [_arm("treated", found.treated), _arm("held out", found.held_out)]
    chance = f" Log-rank p {found.survival.p_value:.3g}." if found.survival else ""
    needed = (
        "" if found.still_needed is None else f" {found.still_needed:,} of {found.needed:,} customers still needed."
    )
    evenness = "" if found.evenness is None else f" Arms so uneven by chance: p {found.evenness:.3g}."
    return (
        f"<h3>{escape(one.playbook)} {one.version}: {escape(found.conclusion)}</h3>"
        f"<p>{escape(MEANING[found.conclusion])}.</p>{table(('arm', 'drawn', 'judged', 'stayed', 'share'), rows)}"
        f"<p>Effect: {said(found.effect)}.{chance}{evenness}{needed}</p>"
        f"{survival(one.treated, one.held_out, window_days)}"
    )


def _arm(name: str, arm: Arm) -> tuple[str, ...]:
    return name, f"{arm.drawn:,}", f"{arm.judged:,}", f"{arm.stayed:,}", said(arm.rate)


def survival(treated: Sequence[Step], held_out: Sequence[Step], window_days: int) -> str:
    """Who is still there, day by day since the alert: the treated in blue, the held out in orange."""
    if not treated and not held_out:
        return "<p>Nobody who is judged was gone: there is no curve to draw.</p>"
    lowest = min(step.low for step in (*treated, *held_out))
    axes = Axes("days since the alert", "still there", 0, window_days, 1.0, max(lowest - 0.05, 0.0), ticks_along=plain)
    shapes = ""
    for found, colour in ((treated, OURS), (held_out, OTHER)):
        levels = [(0, 1.0, 1.0, 1.0), *((one.day, one.share, one.low, one.high) for one in found)]
        levels.append((window_days, *levels[-1][1:]))
        lows, highs = (steps([(level[0], level[place]) for level in levels]) for place in (2, 3))
        band = [(low[0], low[1], high[1]) for low, high in zip(lows, highs, strict=True)]
        shapes += axes.band(band, colour) + axes.line(steps([(day, share) for day, share, _, _ in levels]), colour)
    return f"<p>The treated in blue, the held out in orange. {_CURVES}</p>{axes.draw('Survival by arm', shapes)}"
