"""The truth files: who really left, from when, and how; and who did something abnormal. Written for those who judge
alerts and leads; no service reads either.
"""

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import get_args

from simulator.bank.decline import Decline, DeclineKind
from simulator.bank.plants import PLANTS, Planted, PlantKind

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


def write_planted(path: Path, planted: Iterable[Planted]) -> None:
    """One line for each who did something abnormal, as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Planted.__slots__)
        writer.writerows((line.customer_id, line.kind, line.first, line.last) for line in planted)


def read_planted(path: Path) -> list[Planted]:
    """What `write_planted` wrote."""
    kinds: dict[str, PlantKind] = {kind: kind for kind in PLANTS}
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Planted(
                row["customer_id"],
                kinds[row["kind"]],
                date.fromisoformat(row["first"]),
                date.fromisoformat(row["last"]),
            )
            for row in csv.DictReader(file)
        ]
