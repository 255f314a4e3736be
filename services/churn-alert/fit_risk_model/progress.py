"""Shows on the error stream how far a long step is and how long it has taken, so that the output is figures alone."""

from collections.abc import Collection, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

_COLUMNS = (TextColumn("{task.description:<44}"), BarColumn(30), TaskProgressColumn(), TimeElapsedColumn())

T = TypeVar("T")


def shown(items: Collection[T], description: str) -> Iterator[T]:
    """The items, while a bar moves."""
    with Progress(*_COLUMNS, console=Console(stderr=True)) as progress:
        yield from progress.track(items, description=description)
