"""The card of a model of segments, for a person: who is in which, how sure that is, and what has changed."""

from rich.console import Group
from rich.table import Table

from scoring.segment.domain.model import MONEY, Candidate, SegmentModel

_MEANING = (
    (0.6, "hardly the same segments: use the names with care"),
    (0.8, "much the same segments, other borders"),
)
"""Of the stability, below so much."""


def card_of(model: SegmentModel, former: SegmentModel | None, currency: str) -> Group:
    """What the typical customer of each segment has, money in whole units of the currency; and the figures."""
    fitted, figures = model.fitted, model.fitted.figures
    table = Table(title=f"segments, version {model.version}, money in {currency}", title_justify="left", box=None)
    for column in ("segment", "", "customers", "share", *(scale.trait.replace("_", " ") for scale in fitted.scales)):
        table.add_column(column, justify="left" if column in {"segment", ""} else "right")
    for segment in fitted.segments:
        told = zip(fitted.scales, fitted.natural(segment), strict=True)
        natural = [f"{value:z,.0f}" if scale.trait in MONEY else f"{value:z.1f}" for scale, value in told]
        share = segment.customers / figures.customers
        table.add_row(segment.name, segment.name_zh, f"{segment.customers:,}", f"{share:.1%}", *natural)
    return Group(table, *_said(model, former))


def told_of(one: Candidate) -> str:
    """A clustering that was tried, in figures."""
    return f"{one.clusters}{' as before' if one.follows else ''}: {one.stability:.2f} and {one.silhouette:.2f}"


def _said(model: SegmentModel, former: SegmentModel | None) -> list[str]:
    fitted, figures = model.fitted, model.fitted.figures
    meaning = next((words for below, words in _MEANING if figures.stability < below), "the same segments")
    tried = ", ".join(told_of(one) for one in figures.tried)
    lines = [
        f"As of {fitted.as_of:%Y-%m-%d %H:%M}, of {figures.customers:,} customers, fitted on {figures.fitted_on:,}.",
        f"On customers drawn anew: {meaning} (stability and silhouette by number of segments: {tried}).",
    ]
    if former is not None and figures.renamed is not None:
        gone = {one.name for one in former.fitted.segments} - {one.name for one in fitted.segments}
        lost = f"; gone: {', '.join(sorted(gone))}" if gone else ""
        lines.append(f"Kept from version {former.version}: {figures.kept} segments with their names{lost}.")
        lines.append(f"By it {figures.renamed:.1%} of the customers would be in a segment of another name.")
    lines.append("A segment names a kind of customer; points and tiers know nothing of it.")
    return lines
