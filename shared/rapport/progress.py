"""How far a long command is, for whoever waits for it."""

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

COLUMNS = (
    TextColumn("{task.description}"), BarColumn(30), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn()
)  # fmt: skip
"""The bar of every command."""
