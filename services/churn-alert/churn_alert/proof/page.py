"""Proof as people look at it: the live figures with their four pictures."""

from collections.abc import Sequence
from html import escape

from churn_alert.proof import drawings
from churn_alert.proof.beside_views import RecallView, RuleView
from churn_alert.proof.domain.survival import Stays, stayed
from churn_alert.proof.domain.uplift import MEANING, Arm
from churn_alert.proof.experiments import Experiment
from churn_alert.proof.figures import Proof
from churn_alert.proof.proof_views import FiguresView, ProofView
from churn_alert.proof.views import RateView
from rapport.behaviour.rates import Rate
from rapport.pages import page
from rapport.pictures import table

_COLUMNS = (
    "held out", "alerts", "judged", "right", "precision", "in time", "median lead", "said", "Brier", "AUC",
    "AUC of recency", "lift of the top fifth",
)  # fmt: skip
_TOLD = (
    "Each point is a tenth of the alerts of the held out, alike in the probability that was told; on the dashed line "
    "it comes true as often as it is said."
)


def live_page(shown: ProofView, found: Proof, tried: Sequence[Experiment]) -> str:
    """The whole page."""
    as_of = shown.as_of.isoformat() if shown.as_of else "no event yet"
    sections = "".join(
        f"<h3>By {escape(name)}</h3>{table(_COLUMNS, [_row(one) for one in those])}" for name, those in shown.by.items()
    )
    leads = drawings.lead_times(found.lead_days, (), "From the alert until the customer is gone, of the held out")
    return page(
        "Churn alerts: proof",
        f"<h1>Churn alerts: proof</h1><p>As of {escape(as_of)}, months that are over. An alert is judged "
        f"{shown.window_days} days after it was opened, by {escape(shown.definition)} version "
        f"{shown.definition_version}. What a warning is worth is told of the held out alone: of who is treated nobody "
        f"knows who stayed for that.</p>{_all(shown)}{issued_pictures(found, leads)}"
        f"{experiments_section(tried, shown.window_days)}{_recall(shown)}{_waits(shown)}{sections}",
    )


def issued_pictures(found: Proof, leads: str) -> str:
    """Reliability and lift of the alerts of the held out; `leads`: the picture of lead times."""
    ranked = found.ranked
    return (
        drawings.reliability(ranked.bands if ranked else (), _TOLD)
        + drawings.lift(ranked.ours if ranked else (), ranked.recency if ranked else (), "the alerts of the held out")
        + leads
    )


def experiments_section(tried: Sequence[Experiment], window_days: int) -> str:
    """Each experiment with its arms, its effect, and how long customers stay."""
    if not tried:
        return "<h2>Interventions</h2><p>No playbook has drawn an arm yet, so no effect can be told.</p>"
    return "<h2>Interventions</h2>" + "".join(_experiment(one, window_days) for one in tried)


def unacted_section(stays: Stays, window_days: int) -> str:
    """How long customers stay after an alert where nobody acted on any: all are as the held out."""
    return f"<h2>Survival, as if nobody had acted</h2>{drawings.survival((), stayed(stays), window_days)}"


def said(rate: Rate | RateView | None) -> str:
    """A share with its interval."""
    return "-" if rate is None else f"{rate.value:.1%} ({rate.low:.1%}\u00a0to\u00a0{rate.high:.1%})"


def _all(shown: ProofView) -> str:
    if shown.held_out is None or shown.treated is None:
        return "<p>Too few are held out: nothing can be told of the alerts yet.</p>"
    error = "" if shown.calibration_error is None else f" Expected calibration error {shown.calibration_error:.3f}."
    others = [
        (name, f"{one.alerts:,}", f"{one.judged:,}", said(one.gone))
        for name, one in (("treated", shown.treated), ("no lot was drawn", shown.without_lot))
    ]
    return (
        f"{table(_COLUMNS, [_row(shown.held_out)])}<p>{error}</p>"
        f"{table(('the others', 'alerts', 'judged', 'gone within the window'), others)}"
    )


def _row(one: FiguresView) -> tuple[str, ...]:
    lift = "-" if one.lift is None else f"{one.lift.value:.2f} ({one.lift.low:.2f} to {one.lift.high:.2f})"
    return (
        one.group or "all",
        f"{one.alerts:,}",
        f"{one.judged:,}",
        f"{one.right:,}",
        said(one.precision) if one.precision else "too few",
        said(one.in_time),
        _number(one.median_lead_days, "{:.0f} days"),
        _number(one.said, "{:.1%}"),
        _number(one.brier, "{:.3f}"),
        _number(one.auc, "{:.3f}"),
        _number(one.recency_auc, "{:.3f}"),
        lift,
    )


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)


def _recall(shown: ProofView) -> str:
    groups = {"all": shown.recall[:1], **shown.recall_by}
    tables = "".join(
        f"<h3>{escape(name)}</h3>{_recalled(those, shown.recency_days)}" for name, those in groups.items() if those
    )
    if not tables:
        return ""
    return (
        "<h2>Departures: the alerts beside recency</h2><p>Of months of which all is judged. Recency is a rule that "
        f"warns whoever has done nothing of their own for {shown.recency_days} days, on the same customers: the held "
        "out, and as large a share of who was never warned of. By what a departure is it tells of each, so look at how "
        f"long before, and at how many of its warnings were right.</p>{tables}"
    )


def _recalled(those: Sequence[RecallView], recency_days: int) -> str:
    rows = [
        (one.group or "all", name, *_rule(rule, one), f"{one.lost:,}", f"{one.without_alert:,}")
        for one in those
        for name, rule in (("the alerts", one.alerts), (f"recency, {recency_days} days", one.recency))
    ]
    columns = (
        "group", "rule", "judged", "right", "precision", "departures", "recall", "in time", "median lead",
        "gone of all", "without an alert",
    )  # fmt: skip
    return table(columns, rows)


def _rule(rule: RuleView, one: RecallView) -> tuple[str, ...]:
    return (
        f"{rule.judged:,.0f}",
        f"{rule.right:,.0f}",
        said(rule.precision) if rule.precision else "too few",
        f"{one.departures:,.0f}",
        said(rule.recall) if rule.recall else "too few",
        said(rule.in_time),
        _number(rule.median_lead_days, "{:.0f} days"),
    )


def _waits(shown: ProofView) -> str:
    rows = [
        (
            one.group or "all",
            f"{one.alerts:,}",
            f"{one.acted:,}",
            _number(one.median_hours, "{:.0f} h"),
            _number(one.p90_hours, "{:.0f} h"),
        )
        for one in shown.time_to_act
    ]
    return f"<h2>Time to the first act</h2>{table(('tier', 'alerts', 'acted on', 'median', '90 %'), rows)}"


def _experiment(one: Experiment, window_days: int) -> str:
    found, versions = one.uplift, ", ".join(map(str, one.versions))
    asked = f"Asked: {escape(one.measure or 'nothing any more')}. Versions {versions}."
    if found is None:
        return f"<h3>{escape(one.experiment)}</h3><p>{asked} Too few in an arm: nothing can be told yet.</p>"
    rows = [_arm("treated", found.treated), _arm("held out", found.held_out)]
    chance = f" Log-rank p {found.survival.p_value:.3g}." if found.survival else ""
    needed = "" if found.still_needed is None else f" {found.still_needed:,} of {found.needed:,} persons still needed."
    evenness = "" if found.evenness is None else f" Arms so uneven by chance: p {found.evenness:.3g}."
    curves = drawings.survival(one.treated, one.held_out, window_days) if one.measure == "kept" else ""
    return (
        f"<h3>{escape(one.experiment)}: {escape(found.conclusion)}</h3>"
        f"<p>{asked} {escape(MEANING[found.conclusion])}.</p>"
        f"{table(('arm', 'drawn', 'judged', 'came about', 'share'), rows)}"
        f"<p>Effect: {said(found.effect)}.{chance}{evenness}{needed}</p>{curves}"
    )


def _arm(name: str, arm: Arm) -> tuple[str, ...]:
    return name, f"{arm.drawn:,}", f"{arm.judged:,}", f"{arm.stayed:,}", said(arm.rate)
