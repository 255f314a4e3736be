"""What a person sees of a publication: a moving line on a terminal, a plain line now and then elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from simulator.line import Published
from simulator.publisher import Progress
from simulator.wire import moment

_EVERY_SECONDS = 5.0


@contextmanager
def shown() -> Iterator[Progress]:
    """A callback for `publish` that shows how far it is."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _PlainLines()
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("connecting")
        yield lambda published: bar.update(task, description=_line(published))


class _PlainLines:
    def __init__(self) -> None:
        self._due = _EVERY_SECONDS

    def __call__(self, published: Published) -> None:
        if published.seconds >= self._due:
            self._due = published.seconds + _EVERY_SECONDS
            print(_line(published), file=sys.stderr, flush=True)


def _line(published: Published) -> str:
    rate = published.total / max(published.seconds, 0.001)
    return f"{moment(published.time_ms):%Y-%m-%d} · {published.total:,} records · {rate:,.0f}/s"


def summary(published: Published) -> str:
    """What was published, by topic and by trouble."""
    rows = [f"{published.total:,} records in {published.seconds:.1f} s"]
    rows += [f"  {topic:<28}{count:>12,}" for topic, count in sorted(published.topics.items())]
    if published.trouble:
        rows.append("of them trouble, on request:")
        rows += [f"  {kind:<28}{count:>12,}" for kind, count in sorted(published.trouble.items())]
    if published.refused:
        rows.append(f"refused by Kafka as too large: {published.refused:,}")
    return "\n".join(rows)
