"""State is a sum: the same events in any order, some of them twice, leave every customer in the same state."""

import base64
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from rapport.composition import Runtime
from rapport.messaging.observer import Observer
from rapport.messaging.records import RawRecord
from simulator.bank import Bank, Plan
from simulator.wire import Record, Wire
from tests.e2e.system import SERVICES
from tests.faults.population import Population
from tests.support.corrected import is_dated_back, takes_back
from tests.support.delivering import Delivering
from tests.support.stack import FreshDatabase

TABLES = {"scoring": "standings", "churn_alert": "risks"}
OUT = [f"{name}_out_at" for name in ("transactions", "turnover", "balance", "service_feedback", "product_use")]
"""Since when an indicator is out of its range: as was found whenever the customer was decided."""
DECIDED = {
    "scoring": {"tier", "tier_since", "below_since", "points", "decided_at", "revision"},
    "churn_alert": {"is_raised", "level_since", "probability", "decided_at", "due_at", *OUT},
}
"""Columns that remember decisions, which have an order; all others are state."""
SEED = 20_240_229


def facts() -> list[Record]:
    """A small bank's history, and customers with postings taken back, in foreign currency and below zero."""
    wire = Wire()
    bank = [record for record in Bank(Plan(3, 15, 6), wire).records() if record.key and b"customer_id" in record.value]
    assert any(map(takes_back, bank)) and any(map(is_dated_back, bank)), "a history in which nothing was corrected"
    return [*bank, *islice(Population(SEED, wire).records(), 2500)]


@pytest.mark.parametrize("service", sorted(TABLES))
async def test_shuffled_and_partly_repeated_events_leave_the_same_state(
    service: str, fresh_database: Callable[..., FreshDatabase], tmp_path: Path
) -> None:
    rng = Random(SEED)
    in_order = facts()
    shuffled = in_order + rng.sample(in_order, len(in_order) // 5)
    rng.shuffle(shuffled)
    first = await _state_after(service, in_order, fresh_database(service), tmp_path, batch=700)
    second = await _state_after(service, shuffled, fresh_database(service), tmp_path, batch=313)
    assert first.keys() == second.keys() and len(first) > 200
    for customer_id, row in first.items():
        assert second[customer_id] == _nearly(row), customer_id


def _nearly(row: dict[str, Any]) -> dict[str, Any]:
    """To 1e-9; sums of money that nearly cancel out to 1e-9 of what was added and taken, 1,000 yuan and more."""
    return {name: _close(cell, _loose(name)) for name, cell in row.items()}


def _close(cell: Any, loose: float) -> Any:
    """Also of the numbers in a document."""
    match cell:
        case float():
            return pytest.approx(cell, rel=1e-9, abs=loose)
        case list():
            return [_close(one, loose) for one in cell]
        case dict():
            return {name: _close(one, loose) for name, one in cell.items()}
    return cell


def _loose(name: str) -> float:
    """In fen, in yuan, and in squares of yuan."""
    if name.startswith(("credits", "debits", "accounts")):
        return 1e-4
    if name.startswith("inflow_squares"):
        return 1e-3
    return 1e-6 if name.startswith(("inflow", "net_flow")) else 1e-9


async def _state_after(
    name: str, records: Sequence[Record], database: FreshDatabase, folder: Path, *, batch: int
) -> dict[str, dict[str, Any]]:
    settings_class, compose = SERVICES[name]
    key_file = folder / "key"
    key_file.write_text("1:" + base64.b64encode(bytes(32)).decode())
    settings = settings_class.model_validate(
        {
            "database": {"url": database.url},
            "kafka": {"bootstrap_servers": "127.0.0.1:1"},
            "auth": {"issuer": "nobody", "jwks": "nowhere"},
            "encryption": {"key_file": key_file},
            "look_up": {"key_file": key_file},
            "hold_out": {"key_file": key_file},
        }
    )
    delivering = Delivering(Runtime(compose(settings), settings, role="worker", observer=Observer()))
    await delivering.begin()
    heard = {event.name for event in delivering.service.hears.values()}
    arriving = list(_as_they_lie([record for record in records if record.topic in heard]))
    for start in range(0, len(arriving), batch):
        await delivering.deliver(*arriving[start : start + batch])
    rows = await delivering.rows(f"SELECT * FROM {TABLES[name]}")
    repeated = len(arriving) - len({dict(raw.headers)["ce_id"] for raw in arriving})
    assert (await delivering.counts())["duplicate"] == repeated
    await delivering.runtime.close()
    return {
        row.customer_id: {key: cell for key, cell in row._mapping.items() if key not in DECIDED[name]} for row in rows
    }


def _as_they_lie(records: Iterable[Record]) -> Iterable[RawRecord]:
    """With the offsets that a log would give them."""
    ends: dict[tuple[str, int], int] = defaultdict(int)
    for record in records:
        place = (record.topic, record.partition)
        yield RawRecord(*place, ends[place], record.time_ms, record.key, record.value, record.headers)
        ends[place] += 1
