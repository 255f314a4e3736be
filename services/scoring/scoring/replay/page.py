"""A replay as people look at it: who moves from which tier to which, and how points lie; a page without scripts."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from rich.table import Table

from rapport.pages import page, wide
from scoring.pages import bars, distribution, matrix
from scoring.replay.domain import Comparison
from scoring.replay.exposure import BY, By, Exposure, Group, summed
from scoring.replay.shock import Shock
from scoring.scorecard.domain import Tier

_COLUMNS = (
    "customers", "hit by the shock", "deposits before", "deposits after", "change",
    "lifetime value before", "lifetime value after", "change",
)  # fmt: skip

_MONEY = {"lost_minor": "lost", "spent_minor": "spent while inflows stopped"}
_RESERVATIONS = {
    "compacted": "records of compacted topics are gone: what customers held in between is not known to this replay",
    "passed_over": "files in whose tiers people had a hand before it was kept, which are replayed by the scorecard "
    "alone, or that were ever merged, whose customers are decided on all of their files at the end alone",
}


class Asked(NamedTuple):
    """By what customers were decided. `in_force`: the scorecard that decides when the replay ends; `scorecard`: the
    file of another one, its name alone."""

    in_force: str
    scorecard: str | None
    shock: Shock | None

    @property
    def compares(self) -> bool:
        """Is there a before and an after?"""
        return self.scorecard is not None or self.shock is not None


class AtRisk(NamedTuple):
    """What customers have before and after a shock; nothing without one.

    `ladder`: from how many points each tier is reached, the lowest first, which has no such number. `unit`: minor units
    of a whole one of `currency`.
    """

    exposures: Sequence[tuple[Group, Exposure]]
    ladder: Mapping[Tier, int | None]
    unit: int
    currency: str


def opening(asked: Asked) -> str:
    """What the page shows, and what before and after are in it."""
    live = f"the scorecards that decided, at the end {asked.in_force},"
    if not asked.compares:
        return f"Every customer as {live} have them."
    then = (
        f"as the scorecard in {asked.scorecard} would, had it decided all along" if asked.scorecard else "as they would"
    )
    after = f", after the shock “{asked.shock.name}”: {_said(asked.shock)}" if asked.shock else ""
    return f"Before: every customer as {live} have them. After: {then}{after}."


def _said(shock: Shock) -> str:
    of = [f"in {' or '.join(sorted(names))}" for names in (shock.tiers, shock.segments) if names is not None]
    effects = [
        f"{share:.0%} of {what} gone"
        for share, what in ((shock.balances_lost, "balances"), (shock.products_lost, "products"))
        if share
    ]
    if shock.silence:
        effects.append(f"no posting for {shock.silence.days} days")
    if shock.inflows_stopped:
        effects.append(f"no inflows for {shock.inflows_stopped.days} days, spending as before")
    return f"of customers {' and '.join(of) or 'anywhere'} {', '.join(effects)}"


def migration_table(comparison: Comparison, ladder: Iterable[Tier]) -> Table:
    """Customers by tier before (rows) and after (columns), for a terminal."""
    tiers = _tiers(comparison, ladder)
    table = Table(title=f"{comparison.customers:,} customers, {comparison.moved:,} in another tier", box=None)
    table.add_column("before \\ after")
    for tier in tiers:
        table.add_column(tier, justify="right")
    for before in tiers:
        table.add_row(before, *(f"{comparison.migration.get((before, after), 0):,}" for after in tiers))
    return table


def tier_table(comparison: Comparison, ladder: Iterable[Tier]) -> Table:
    """Customers by tier where there is no before, for a terminal."""
    table = Table(title=f"{comparison.customers:,} customers", box=None)
    table.add_column("tier")
    for column in ("customers", "share"):
        table.add_column(column, justify="right")
    for row in _by_tier(comparison, ladder):
        table.add_row(*row)
    return table


def reservations(figures: Mapping[str, Any]) -> list[str]:
    """In which ways the result is not what was, a sentence each."""
    return [f"{figures[name]:,} {said}" for name, said in _RESERVATIONS.items() if figures.get(name)]


def write_page(folder: Path, comparison: Comparison, figures: Mapping[str, Any], risk: AtRisk, asked: Asked) -> Path:
    """The page, in this folder."""
    path = folder / "page.html"
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{said}</td></tr>" for name, said in _figures(figures, risk))
    path.write_text(
        page(
            "Replay",
            f"<h1>Replay to {escape(str(figures['to']))}</h1><p>{escape(opening(asked))}</p>"
            f"{''.join(f'<p>{one}.</p>' for one in reservations(figures))}"
            f"{_tiers_section(comparison, risk, asked)}{_risk_section(risk)}{_points_section(comparison, risk, asked)}"
            f"<h2>Figures</h2>{wide(f'<table>{rows}</table>')}",
        ),
        encoding="utf-8",
    )
    return path


def _tiers_section(comparison: Comparison, risk: AtRisk, asked: Asked) -> str:
    if not asked.compares:
        rows = "".join(
            f"<tr><th>{escape(tier)}</th><td>{count}</td><td>{share}</td></tr>"
            for tier, count, share in _by_tier(comparison, risk.ladder)
        )
        head = "<caption>Customers by tier</caption><tr><th></th><th>customers</th><th>share</th></tr>"
        return f"<p>{comparison.customers:,} customers.</p>{wide(f'<table>{head}{rows}</table>')}"
    return (
        f"<p>{comparison.customers:,} customers, {comparison.moved:,} of them in another tier.</p>"
        f"{matrix('Tier before (rows) and after (columns)', _tiers(comparison, risk.ladder), comparison.migration)}"
    )


def _points_section(comparison: Comparison, risk: AtRisk, asked: Asked) -> str:
    starts = {tier: start for tier, start in risk.ladder.items() if start is not None}
    before = comparison.points_before if asked.compares else Counter[int]()
    said = "<p>Before in grey, after in blue.</p>" if asked.compares else ""
    said += (
        "<p>A line is where a tier begins by points; a lifetime value may reach it too, where the ladder says so.</p>"
    )
    return f"<h2>Points</h2>{said}{distribution(before, comparison.points_after, starts)}"


def _by_tier(comparison: Comparison, ladder: Iterable[Tier]) -> Iterator[tuple[str, str, str]]:
    for tier in _tiers(comparison, ladder):
        count = sum(n for (_, after), n in comparison.migration.items() if after == tier)
        yield tier, f"{count:,}", f"{count / max(comparison.customers, 1):.1%}"


def _figures(figures: Mapping[str, Any], risk: AtRisk) -> Iterator[tuple[str, str]]:
    """Each with its name in words; money in whole units."""
    for name, value in figures.items():
        if name in _MONEY:
            yield _MONEY[name], f"{value / risk.unit:,.0f} {escape(risk.currency)}"
        else:
            yield name.replace("_", " "), _text(value)


def risk_tables(risk: AtRisk) -> list[Table]:
    """What is at risk by segment and by tier, in whole units of money, for a terminal; none without a shock."""
    tables = []
    for by in BY if risk.exposures else ():
        table = Table(title=f"at risk by {by}, in {risk.currency}", title_justify="left", box=None)
        for column in (by, *_COLUMNS):
            table.add_column(column, justify="left" if column == by else "right")
        for row in _rows(risk, by):
            table.add_row(*row)
        tables.append(table)
    return tables


def _risk_section(risk: AtRisk) -> str:
    section = ""
    for by in BY if risk.exposures else ():
        head = "".join(f"<th>{column}</th>" for column in (by, *_COLUMNS))
        rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in _rows(risk, by))
        caption = f"<caption>At risk by {by}, in {escape(risk.currency)}</caption>"
        section += wide(f"<table>{caption}<tr>{head}</tr>{rows}</table>")
        said = f"Deposits in {escape(risk.currency)}: before the shock in grey, after it in blue."
        section += f"<p>{said}</p>{_picture(risk, by)}"
    return f"<h2>At risk</h2>{section}" if section else ""


def _picture(risk: AtRisk, by: By) -> str:
    found = summed(risk.exposures, by)
    deposits = [
        (n or "-", found[n].deposits_before / risk.unit, found[n].deposits_after / risk.unit) for n in _names(risk, by)
    ]
    return bars(f"Deposits by {by}", deposits)


def _names(risk: AtRisk, by: By) -> list[str | None]:
    """The lowest tier first, or the segment of the most deposits."""
    found = summed(risk.exposures, by)
    order = {tier: place for place, tier in enumerate(risk.ladder)} if by == "tier" else {}
    return sorted(found, key=lambda name: (order.get(name or "", len(order)), -found[name].deposits_before))


def _rows(risk: AtRisk, by: By) -> Iterator[list[str]]:
    """A row a tier or a segment, and one of all."""
    found, everybody = summed(risk.exposures, by), Exposure()
    for name in _names(risk, by):
        everybody = everybody.plus(found[name])
        yield [name or "-", *_cells(found[name], risk.unit)]
    yield ["all", *_cells(everybody, risk.unit)]


def _cells(one: Exposure, unit: int) -> list[str]:
    counts = [f"{one.customers:,}", f"{one.struck:,}"]
    for before, after in ((one.deposits_before, one.deposits_after), (one.value_before, one.value_after)):
        change = f"{after / before - 1.0:+.1%}" if before else "-"
        counts += [f"{before / unit:,.0f}", f"{after / unit:,.0f}", change]
    return counts


def _tiers(comparison: Comparison, ladder: Iterable[Tier]) -> list[Tier]:
    """Those of the ladder in force first, the lowest first; then any other that occurs."""
    found = {tier for pair in comparison.migration for tier in pair}
    return [*ladder, *sorted(found - set(ladder))]


def _text(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else escape(str(value if value is not None else "-"))
