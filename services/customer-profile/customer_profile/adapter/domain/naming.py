"""Which fields of a core's records a mapping names; the others are of no use here, and are counted."""

from collections.abc import Iterable, Iterator
from typing import Any

from customer_profile.adapter.domain.mapping import Adapter, Path, look_up

Known = dict[str, Any]
"""Names of a record's fields, each with those below it."""


def known_to(adapter: Adapter) -> Known:
    """The fields that a mapping looks into, in whichever of a topic's records."""
    known: Known = {}
    for path in _paths_of(adapter):
        below = known
        for step in path:
            below = below.setdefault(step, {})
    return known


def unknown_in(record: Any, known: Known, above: str = "") -> frozenset[str]:
    """The fields of a record beside these, by their name and that of the field above; below a value that is taken, and
    below what is unknown, nobody looks.
    """
    found = frozenset(record.keys() - known.keys() if isinstance(record, dict) else ())
    if above:
        found = frozenset(f"{above}.{name}" for name in found)
    below = [unknown_in(look_up(record, (name,)), inner, name) for name, inner in known.items() if inner]
    return found.union(*below)


def _paths_of(adapter: Adapter) -> Iterator[Path]:
    reversal, day = adapter.reversal, adapter.day_closed
    rules = [adapter.key, *adapter.fields.values(), *_there(reversal and reversal.original, day and day.date)]
    rules += _there(reversal and reversal.occurred_at)
    yield from (path for rule in rules for path in rule.paths)
    conditions = _there(adapter.only, reversal and reversal.when, day and day.when)
    yield from (condition.path for condition in conditions)


def _there(*found: Any) -> Iterable[Any]:
    return [one for one in found if one is not None]
