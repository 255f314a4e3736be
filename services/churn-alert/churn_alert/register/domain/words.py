"""The words of the register that more than one file uses."""

from typing import Literal

Kind = Literal["credit", "operational", "market", "legal"]
KINDS: tuple[Kind, ...] = ("credit", "operational", "market", "legal")
Severity = Literal["low", "medium", "high"]
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high")
"""The lightest first."""
