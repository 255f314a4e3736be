"""What a person reads at the end of a campaign."""

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.table import Table

from tests.faults.outcome import Outcome


def shown(outcomes: Iterable[Outcome], seed: int) -> Iterator[RenderableType]:
    """One table a run, then what was wrong."""
    problems = []
    for outcome in outcomes:
        yield _table(outcome)
        problems += [f"{outcome.name}: {problem}" for problem in outcome.problems]
    yield f"seed {seed}"
    yield "\n".join(["VIOLATED", *problems]) if problems else "every promise was kept, every broken variant was caught"


def _table(outcome: Outcome) -> Table:
    table = Table(title=f"{outcome.name} · {outcome.seconds:.0f} s", title_justify="left", show_header=False)
    for section in (outcome.done, outcome.marks, outcome.verdict.figures):
        for what, count in sorted(section.items()):
            table.add_row(what, f"{count:,}")
        table.add_section()
    for what, seconds in sorted(outcome.calm_after.items()):
        table.add_row(f"calm after: {what}", "never" if seconds is None else f"{seconds:.1f} s at most")
    if outcome.longest is not None:
        table.add_row("longest wait of a partition", f"{outcome.longest.seconds:.1f} s, {outcome.longest.during}")
    if outcome.is_broken:
        caught = "; ".join(f"{violation.kind}: {violation.text}" for violation in outcome.verdict.violations)
        table.add_row("caught by", caught or "nothing")
    return table
