"""The reference page of the catalogue for people: every entry, how long it is kept, and where it lies."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import MetaData

from rapport.privacy.catalogue.columns import entries_of
from rapport.privacy.catalogue.document import Catalogue, Entry

Tables = Mapping[str, Sequence[MetaData]]
"""By service."""


def catalogue_page(catalogue: Catalogue, tables: Tables) -> str:
    """The page in Markdown; deterministic for equal arguments."""
    held = _held(catalogue, tables)
    parts = [
        *_head(catalogue),
        *(_row(entry, held[entry.code]) for entry in catalogue.entries),
        *_retentions(catalogue),
        *_sight(catalogue),
        *_columns(catalogue, held),
    ]
    return "\n".join(parts) + "\n"


def _held(catalogue: Catalogue, tables: Tables) -> defaultdict[str, dict[str, list[str]]]:
    """Columns by entry and service."""
    held = defaultdict[str, dict[str, list[str]]](dict)
    for service, metadata in tables.items():
        for column, code, _ in entries_of(metadata, catalogue):
            held[code or ""].setdefault(service, []).append(str(column))
    return held


def _head(catalogue: Catalogue) -> Iterator[str]:
    yield "# Data catalogue"
    yield ""
    yield "Generated from `shared/rapport/privacy/catalogue` by `make contracts`; do not edit. Each service shows its"
    yield "own part at `GET /catalogue`."
    yield ""
    yield f"Version {catalogue.version}, in force from {catalogue.effective}. Class: JR/T 0171-2020; level: JR/T"
    yield "0197-2020; basis: items of article 13 PIPL. C3 (passwords, track and chip data, card verification numbers,"
    yield "biometrics) is refused at every door and has no entry."
    yield ""
    yield "| entry | what it is | domain | class, level | basis | kept | mask | encrypted | held by |"
    yield "|---|---|---|---|---|---|---|---|---|"


def _row(entry: Entry, held: Mapping[str, Sequence[str]]) -> str:
    cells = (
        f"`{entry.code}`",
        f"{entry.name.zh}, {entry.name.en}. {entry.purpose}",
        entry.domain,
        f"{entry.data_class}, {entry.level}",
        ", ".join(map(str, entry.legal_basis)),
        entry.retention,
        entry.mask,
        "yes" if entry.encrypted else "",
        ", ".join(held) or "nobody",
    )
    return f"| {' | '.join(cells)} |"


def _retentions(catalogue: Catalogue) -> Iterator[str]:
    yield from ("", "## How long", "", "| kept | core, ordinary, potential customers | since | why | confirmed |")
    yield "|---|---|---|---|---|"
    for name, it in catalogue.retentions.items():
        periods = f"{it.core}, {it.ordinary}, {it.potential}"
        yield f"| {name} | {periods} | {it.since} | {it.reason} | {'yes' if it.confirmed else 'no: a proposal'} |"


def _sight(catalogue: Catalogue) -> Iterator[str]:
    yield from (
        "",
        "## Who sees it",
        "",
        "By role, where an operation lets it; of an archived file compliance alone. All of it is in the backups of its",
        "service's database and ends with them: [runbook](../runbooks/retention.md).",
        "",
        "| entry | in clear | masked | of them in clear for a purpose |",
        "|---|---|---|---|",
    )
    for entry in catalogue.entries:
        roles = (entry.clear_for, entry.masked_for, entry.unmasked_for)
        yield f"| `{entry.code}` | {' | '.join(', '.join(some) or 'nobody' for some in roles)} |"


def _columns(catalogue: Catalogue, held: Mapping[str, Mapping[str, Sequence[str]]]) -> Iterator[str]:
    yield from (
        "",
        "## Where it lies",
        "",
        "Columns by entry and service; the tables of delivery are in every service.",
        "",
    )
    for entry in catalogue.entries:
        for service, columns in held.get(entry.code, {}).items():
            yield f"* `{entry.code}`, {service}: {', '.join(columns)}"
