"""What a replay leaves in its folder: one file a partition, so that what is done stays done, and what it was asked."""

import csv
import gzip
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring.replay.domain import Comparison, Part, Placed
from scoring.replay.exposure import BY, By, Exposure, Group, summed
from scoring.replay.persons import Compared, Ended
from scoring.replay.shock import Struck
from scoring.standing.domain.adding import undecided
from scoring.standing.domain.state import Standing
from scoring.standing.store.book import fingerprint, load_partition
from scoring.standing.store.hands import unkept
from scoring.standing.store.persons import ever_merged

_ASKED = "asked.json"
_AT_RISK = "at_risk"
_STANDING = TypeAdapter(Standing)


class OtherReplay(Exception):
    """The folder holds the results of another replay: nothing of it is mixed up or lost. The text names the remedy."""


def begin(folder: Path, asked: dict[str, Any]) -> None:
    """Note what is asked, or find that the same was begun before. Raises OtherReplay."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _ASKED
    if path.exists() and json.loads(path.read_text()) != asked:
        raise OtherReplay(f"{folder} holds another replay: name another folder with --out, or remove it")
    path.write_text(json.dumps(asked, indent=2) + "\n")


def begun(folder: Path) -> dict[str, Any] | None:
    """What a replay in this folder was asked; None where there is none."""
    path = folder / _ASKED
    found: dict[str, Any] | None = json.loads(path.read_text()) if path.exists() else None
    return found


def missing(folder: Path, partitions: int) -> list[int]:
    """The partitions that have no result yet."""
    return [number for number in range(partitions) if not _path(folder, number).exists()]


def keep(part: Part, folder: Path, figures: dict[str, Any], grouped: Collection[str]) -> None:
    """Write the result of a partition: whole or not at all. Of `grouped` files, of persons of several, all that is
    known."""
    first, last = part.books[0].standings, part.books[-1].standings
    document = {
        "figures": figures,
        "customers": [[key, *_placed(one), *_placed(last[key])] for key, one in sorted(first.items())],
        "files": [
            [part.until.isoformat(), *(_STANDING.dump_python(book[key], mode="json") for book in (first, last))]
            for key in sorted(first.keys() & grouped)
            if part.until is not None
        ],
    }
    path = _path(folder, part.partition)
    unfinished = path.with_suffix(".part")
    with gzip.open(unfinished, "wt", encoding="utf-8") as file:
        json.dump(document, file)
    unfinished.replace(path)


def results(folder: Path, partitions: int) -> tuple[list[Compared], dict[str, Ended], list[dict[str, Any]]]:
    """Every file of all partitions as a customer of its own, what is known of grouped ones, and each partition's
    figures."""
    customers: list[Compared] = []
    files: dict[str, Ended] = {}
    figures: list[dict[str, Any]] = []
    for number in range(partitions):
        with gzip.open(_path(folder, number), "rt", encoding="utf-8") as file:
            document = json.load(file)
        figures.append(document["figures"])
        customers += [Compared(row[0], Placed(*row[1:3]), Placed(*row[3:5])) for row in document["customers"]]
        for at, *sides in document["files"]:
            before, after = (_STANDING.validate_python(side) for side in sides)
            files[before.customer_id] = Ended(datetime.fromisoformat(at), before, after)
    return customers, files, figures


def exposures_in(parts: Iterable[dict[str, Any]]) -> list[tuple[Group, Exposure]]:
    """What `told` wrote into the figures of each partition; nothing without a shock."""
    return [(Group(*row[:2]), Exposure(*row[2:])) for part in parts for row in part.get(_AT_RISK, [])]


def told(struck: Struck) -> dict[str, Any]:
    """The figures of a shock to a partition."""
    rows = [[*group, *exposure] for group, exposure in struck.exposures.items()]
    return {"lost_minor": struck.lost, "spent_minor": struck.spent, _AT_RISK: rows}


def write_differences(folder: Path, customers: Iterable[Compared]) -> Path:
    """Whoever is in another tier than before, as a table for a spreadsheet."""
    path = folder / "differences.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("customer_id", "tier_before", "points_before", "tier_after", "points_after"))
        table.writerows(_different(customers))
    return path


def write_summary(
    folder: Path, comparison: Comparison, figures: dict[str, Any], exposures: Sequence[tuple[Group, Exposure]]
) -> Path:
    """The whole in figures; after a shock what is at risk by tier and by segment, in minor units."""
    path = folder / "summary.json"
    migration = [
        {"before": before, "after": after, "customers": count}
        for (before, after), count in sorted(comparison.migration.items())
    ]
    if exposures:
        figures = figures | {f"{_AT_RISK}_by_{by}": _listed(exposures, by) for by in BY}
    summary = figures | {"customers": comparison.customers, "moved": comparison.moved, "migration": migration}
    path.write_text(json.dumps(summary, indent=2) + "\n")
    return path


async def passed_over(connection: AsyncConnection, partition: int) -> int:
    """How many customers of a partition people had a hand in before it was kept what they did, or whose files were ever
    merged.

    A replay has the former where the scorecard alone would; the latter are decided on all of their files at its end.
    """
    return len(await unkept(connection, partition) | await ever_merged(connection, partition))


async def differing_from_live(connection: AsyncConnection, partition: int, book: dict[str, Standing]) -> int:
    """How many customers of a partition are not, to the bit, what the live table says of them; `passed_over` apart. Of
    files that were ever merged all that is known is compared, and not what was decided."""
    merged = await ever_merged(connection, partition)

    def comparable(one: Standing) -> str:
        return fingerprint(undecided(one) if one.customer_id in merged else one)

    live = {one.customer_id: comparable(one) for one in await load_partition(connection, partition)}
    ours = {key: comparable(one) for key, one in book.items()}
    compared = (live.keys() | ours.keys()) - await unkept(connection, partition)
    return sum(live.get(key) != ours.get(key) for key in compared)


def _different(customers: Iterable[Compared]) -> Iterator[tuple[str, str, int, str, int]]:
    for key, before, after in customers:
        if before.tier != after.tier:
            yield key, *before, *after


def _listed(exposures: Sequence[tuple[Group, Exposure]], by: By) -> list[dict[str, Any]]:
    found = sorted(summed(exposures, by).items(), key=lambda item: item[0] or "")
    return [{by: name} | exposure._asdict() for name, exposure in found]


def _placed(standing: Standing) -> tuple[str | None, int]:
    return standing.tier, standing.points


def _path(folder: Path, partition: int) -> Path:
    return folder / f"partition-{partition:02}.json.gz"
