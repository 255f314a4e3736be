"""Champion and challenger as people look at them: for a terminal, and in figures and a picture for the page."""

from collections import Counter
from collections.abc import Iterable
from html import escape

from rich.table import Table

from rapport.behaviour.rates import Rate
from scoring.challenger.domain.comparison import BIN, Comparison
from scoring.challenger.domain.contest import Challenger
from scoring.pages import distribution, matrix
from scoring.scorecard.domain import Tier


def challenger_table(challenger: Challenger, found: Comparison, ladder: Iterable[Tier]) -> Table:
    """Customers by tier of the version in force (rows) and of the challenger (columns), in the order of the ladder."""
    table = Table(title=_title(challenger, found), caption=_said(found), box=None, min_width=78)
    table.add_column("in force \\ challenger")
    tiers = _tiers(found, ladder)
    for tier in tiers:
        table.add_column(tier, justify="right")
    for old in (tier for tier in tiers if tier in found.matrix):
        table.add_row(old, *(f"{found.matrix[old].get(tier, 0):,}" for tier in tiers))
    return table


def challenger_section(challenger: Challenger, found: Comparison, ladder: Iterable[Tier]) -> str:
    """The same as markup, and how points differ."""
    counts = {(old, new): count for old, row in found.matrix.items() for new, count in row.items()}
    caption = "Tier in force (rows) and by the challenger (columns)"
    differences = Counter({int(start): count for start, count in found.differences.items()})
    return (
        f"<h2>Champion and challenger</h2><p>{escape(_title(challenger, found))}</p>"
        f"{matrix(caption, _tiers(found, ladder), counts)}"
        f"<p>{escape(_said(found))}</p><h3>Points of the challenger less those in force, by {BIN}</h3>"
        f"{distribution(Counter(), differences, axis='difference in points')}"
    )


def _tiers(found: Comparison, ladder: Iterable[Tier]) -> list[Tier]:
    """Those of the ladder that occur, the lowest first; then any other."""
    occurring = {*found.matrix, *(tier for row in found.matrix.values() for tier in row)}
    known = [tier for tier in dict.fromkeys(ladder) if tier in occurring]
    return [*known, *sorted(occurring - set(known))]


def _title(challenger: Challenger, found: Comparison) -> str:
    end = f", ended {challenger.ended_at.isoformat()}" if challenger.ended_at else ""
    since = challenger.begins_at.isoformat()
    return (
        f"scorecard {challenger.version} in shadow beside {found.against} since {since}{end}: "
        f"{found.customers:,} customers, {found.events:,} events"
    )


def _said(found: Comparison) -> str:
    return (
        f"The same tier: {_rate(found.agreement)} of the customers, after {_rate(found.agreement_of_events)} of the "
        f"events. {found.swapped_in:,} would be in the tier {found.top} and are not in {found.old_top}, "
        f"{found.swapped_out:,} the other way round."
    )


def _rate(rate: Rate | None) -> str:
    return f"{rate.value:.1%} ({rate.low:.1%} to {rate.high:.1%})" if rate else "none"
