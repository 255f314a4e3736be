"""The truth file: who really left, from when, and how. Written for those who judge the alerts; no service reads it."""

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import get_args

from simulator.bank.decline import Decline, DeclineKind

_COLUMNS = ("customer_id", "declines_from", "gone_on", "kind")


def write_truth(path: Path, decliners: Iterable[Decline]) -> None:
    """One line a decliner, as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows((line.customer_id, line.declines_from, line.gone_on or "", line.kind) for line in decliners)


def read_truth(path: Path) -> list[Decline]:
    """What `write_truth` wrote."""
    kinds: dict[str, DeclineKind] = {kind: kind for kind in get_args(DeclineKind)}
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Decline(
                row["customer_id"],
                date.fromisoformat(row["declines_from"]),
                date.fromisoformat(row["gone_on"]) if row["gone_on"] else None,
                kinds[row["kind"]],
            )
            for row in csv.DictReader(file)
        ]
