"""A book of alerts that were judged, written straight into the tables."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

import numpy as np

from tests.churn_alert.conftest import SILENT_FROM
from tests.churn_alert.lives import DAY
from tests.support.delivering import Delivering

OPENED = SILENT_FROM - 20 * DAY
MONTHS = 4
_numbers = count(1)


@dataclass(frozen=True)
class Row:
    """An alert and what came of it. `lead`: days until the customer was gone; None: was not within the window."""

    customer_id: str
    arm: str | None
    opened_at: datetime
    lead: int | None = None
    is_judged: bool = True
    probability: float = 0.6
    tier: str = "low"
    experiment: str | None = "care-of-the-rest"
    version: int = 1
    silent: int | None = 20
    acted_after: float | None = None
    """Hours."""


def random_book(size: int, seed: int, *, helps: float = 0.1) -> list[Row]:
    """Four in five treated, of whom fewer leave; who is likelier to leave has the higher probability."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(size):
        risk = float(random.beta(2, 2))
        arm = "held-out" if random.random() < 0.3 else "treated"
        is_gone = random.random() < risk - (helps if arm == "treated" else 0.0)
        rows.append(
            Row(
                f"b-{number}",
                arm,
                OPENED - timedelta(days=int(random.integers(0, 30 * MONTHS))),
                int(random.integers(-20, 60)) if is_gone else None,
                is_judged=bool(random.random() < 0.9),
                probability=round(min(max(risk + float(random.normal(0, 0.1)), 0.01), 0.99), 3),
                tier=str(random.choice(["high", "middle", "low"])),
                version=int(random.integers(1, 3)),
                silent=int(random.integers(0, 40)),
                acted_after=float(random.integers(1, 200)) if random.random() < 0.7 else None,
            )
        )
    return rows


async def write(service: Delivering, rows: Sequence[Row]) -> None:
    """Beside what was lived: each an alert like the first one of c-1 but for what the row says."""
    written = json.dumps([_cells(one) for one in rows])
    cells = (
        "alert_id uuid, customer_id text, arm text, opened_at timestamptz, gone_on date, warned_on date, "
        "is_judged boolean, silent integer, crossing_id uuid"
    )
    await service.rows_written(
        f"INSERT INTO alerts SELECT (jsonb_populate_record(a, one)).* FROM jsonb_array_elements('{written}') one, "
        "alerts a WHERE a.alert_id = (SELECT min(alert_id::text)::uuid FROM alerts WHERE customer_id = 'c-1')",
        "INSERT INTO alert_outcomes (alert_id, warned_on, gone_on, silent_days, definition, judged_at) "
        f"SELECT alert_id, warned_on, gone_on, silent, 1, now() FROM jsonb_to_recordset('{written}') AS one({cells}) "
        "WHERE is_judged",
    )


def _cells(one: Row) -> dict[str, object]:
    day = one.opened_at.date()
    acted = None if one.acted_after is None else one.opened_at + timedelta(hours=one.acted_after)
    return {
        "alert_id": str(UUID(int=next(_numbers))),
        "crossing_id": str(UUID(int=next(_numbers))),
        "customer_id": one.customer_id,
        "arm": one.arm,
        "opened_at": one.opened_at.isoformat(),
        "probability": one.probability,
        "tier": one.tier,
        "experiment": one.experiment if one.arm else None,
        "playbook": "care-of-all",
        "playbook_version": one.version,
        "status": "closed",
        "outcome": "recovered",
        "closed_at": (one.opened_at + timedelta(days=40)).isoformat(),
        "acknowledged_at": acted.isoformat() if acted else None,
        "acknowledged_by": "e-1" if acted else None,
        "owner": None,
        "due_at": None,
        "answer_by": None,
        "warned_on": day.isoformat(),
        "gone_on": None if one.lead is None else (day + timedelta(days=one.lead)).isoformat(),
        "is_judged": one.is_judged,
        "silent": one.silent,
    }


def same_but(rows: Sequence[Row], **fields: object) -> list[Row]:
    """The rows with these fields instead."""
    return [Row(**asdict(one) | fields) for one in rows]
