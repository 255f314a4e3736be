"""The words of abnormal activity that more than one file uses."""

from typing import Literal

Flow = Literal["cash", "domestic", "cross-border"]
FLOWS: tuple[Flow, ...] = ("cash", "domestic", "cross-border")
Direction = Literal["credit", "debit"]
DIRECTIONS: tuple[Direction, ...] = ("credit", "debit")
Cell = list[int]
"""Count and sum. A list only because thousands are added to."""
Kind = Literal["large", "pattern", "unusual"]
"""By a threshold of the supervisor's; by a suspicious pattern; out of the customer's own range."""
