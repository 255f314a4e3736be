"""Departures that are told: the truth file of a simulated bank, CSV with customer_id, declines_from and gone_on."""

import csv
from datetime import date
from pathlib import Path

from churn_alert.proof.domain.departure import Departure
from churn_alert.proof.domain.verdict import Departures

_COLUMNS = {"customer_id", "declines_from", "gone_on"}


class TruthUnreadable(Exception):
    """The file is not a truth file; the text names the line and what it should hold."""


def read_told(path: Path) -> Departures:
    """By customer; `gone_on` may be empty: not within the history. Raises TruthUnreadable."""
    found: dict[str, list[Departure]] = {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            lines = csv.DictReader(file)
            if not set(lines.fieldnames or ()) >= _COLUMNS:
                raise TruthUnreadable(f"{path}: its first line must name {', '.join(sorted(_COLUMNS))}")
            for number, line in enumerate(lines, 2):
                try:
                    begins_on = date.fromisoformat(line["declines_from"])
                    gone_on = date.fromisoformat(line["gone_on"]) if line["gone_on"] else None
                except (ValueError, TypeError):
                    raise TruthUnreadable(
                        f"{path}: line {number}: declines_from and gone_on are days, 2025-03-01; gone_on may be empty"
                    ) from None
                found.setdefault(line["customer_id"], []).append(Departure(begins_on, gone_on))
    except (OSError, UnicodeDecodeError) as fault:
        raise TruthUnreadable(f"{path}: cannot be read ({type(fault).__name__})") from None
    return found
