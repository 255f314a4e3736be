"""What a person sees: how far the bank's history is, and a row a service; plain lines without a terminal."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime
from time import monotonic

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table

from demo.figures import Figures

_PLAIN_EVERY = 5.0
_FACT = {
    "customer-profile": "customer-profiled",
    "scoring": "tier-changed",
    "churn-alert": "risk-threshold-crossed",
    "feedback": "case-changed",
}

_SHOWN = ("received", "applied", "duplicate", "dead_lettered", "parked", "lag")


class Screen:
    """Shows the feed and the services while both run."""

    def __init__(self, console: Console, first: date, last: date) -> None:
        self._console = console
        self._span = (_ms(first), _ms(last) + 86_400_000)
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(40), TaskProgressColumn(), console=console, auto_refresh=False
        )
        self._task = self._bar.add_task("feeding the bank", total=1.0)
        self._live = Live(console=console, refresh_per_second=4, transient=False)
        self._plain_due = 0.0

    def __enter__(self) -> "Screen":
        self._context().__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def _context(self) -> AbstractContextManager[object]:
        return self._live if self._console.is_terminal else nullcontext()

    def show(self, published: int, time_ms: int, services: Sequence[Figures]) -> None:
        """Renew what is seen."""
        start, end = self._span
        day = datetime.fromtimestamp(max(time_ms, start) / 1000, UTC).date()
        done = min(max((time_ms - start) / (end - start), 0.0), 1.0)
        text = f"the bank's history: {day} · {published:,} records published"
        if self._console.is_terminal:
            self._bar.update(self._task, completed=done, description=text)
            self._live.update(Group(self._bar.get_renderable(), services_table(services)), refresh=True)
        elif monotonic() >= self._plain_due:
            self._plain_due = monotonic() + _PLAIN_EVERY
            self._console.print(f"{done:4.0%} {text}", soft_wrap=True)
            self._console.print(services_table(services))


def services_table(services: Sequence[Figures]) -> Table:
    """A row a service; fits a terminal of 80 columns."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("service", no_wrap=True)
    for name in ("received", "applied", "dupli-\ncate", "dead-\nletter", "parked", "lag", "events\n/s", "p99 to\nfact"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in services:
        counts = [f"{one.total(name):,}" for name in _SHOWN]
        table.add_row(one.name, *counts, f"{one.events_per_second:,.0f}", _reaction(one.name, one.reaction_p99))
    return table


def _reaction(name: str, p99: Mapping[str, float]) -> str:
    fact = _FACT[name]
    if fact not in p99:
        return "-"
    seconds = p99[fact]
    return f"{seconds * 1000:,.0f} ms" if seconds < 1 else f"{seconds:,.1f} s"


def _ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
