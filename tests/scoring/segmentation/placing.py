"""Models of segments that every process knows by now, what a service told of segments, and the same reckoned apart."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from math import log1p
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy import insert

from rapport.clock import utc_now
from rapport.events.base import Event
from scoring.comparing import NEVER
from scoring.segment.domain.model import Fitted, SegmentModels
from scoring.segment.store import segment_models
from scoring.standing.domain.evidence import values_of
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing
from scoring.standing.facts import fold
from tests.scoring.facts import moment_of
from tests.support.delivering import Delivering

SHANGHAI = ZoneInfo("Asia/Shanghai")


async def know(service: Delivering, fitted: Fitted, version: int = 1) -> None:
    """The model is stored since a minute, and taken up."""
    document = TypeAdapter(Fitted).dump_python(fitted, mode="json")
    async with service.runtime.engine.begin() as connection:
        made = {"version": version, "document": document, "made_at": utc_now() - timedelta(minutes=1)}
        await connection.execute(insert(segment_models), made)
    models: SegmentModels = service.runtime.composition.state["segments"]
    models.compared_at = NEVER


async def bring(service: Delivering) -> int:
    """Let the worker bring the latest model to the whole book; how many batches that took."""
    batches = 1
    while await service.runtime.composition.jobs["segments"](service.runtime.transactions):
        batches += 1
    return batches


async def told(service: Delivering, customer_id: str | None = None) -> list[dict[str, Any]]:
    """What was told of segments, in the order of customers."""
    rows = await service.rows(
        "SELECT event_id, value FROM outbox WHERE topic = 'segment-changed' ORDER BY key, outbox_id"
    )
    facts = [{"event_id": str(row.event_id)} | json.loads(row.value) for row in rows if row.value is not None]
    return [fact for fact in facts if customer_id in {None, fact["customer_id"]}]


def course(facts: Sequence[Event], model: Fitted, rules: Rules, until: datetime) -> list[tuple[Any, ...]]:
    """Customer, segment, the one before, since when, which change: month by month from a standing built anew each time
    of all that happened before."""
    of: dict[str, list[Event]] = defaultdict(list)
    for fact in facts:
        of[fact.key].append(fact)
    found: list[tuple[Any, ...]] = []
    for customer_id, events in sorted(of.items()):
        began, before, revision = moment_of(events[0]).astimezone(SHANGHAI).date(), None, 0
        for month in range(began.year * 12 + began.month, until.year * 12 + until.month + 1):
            at = datetime.combine(date(month // 12, month % 12 + 1, 1), datetime.min.time(), SHANGHAI)
            if at > until:
                break
            standing = Standing(customer_id)
            for fact in events:
                if moment_of(fact) < at:
                    fold(standing, fact, rules.bank)  # type: ignore[arg-type]
            name = nearest(standing, at, model, rules)
            if name != before:
                revision += 1
                found.append((customer_id, name, before, at, revision))
                before = name
    return found


def nearest(standing: Standing, at: datetime, model: Fitted, rules: Rules) -> str:
    """The same by matrices."""
    known = values_of(standing, at, rules.bank, rules.rates)
    money = np.array([known.average_balance, known.investments, standing.holdings.loans_minor, known.turnover])
    natural = np.array([*(money / model.unit), known.active_days, known.products])
    scaled = (np.sign(natural) * np.vectorize(log1p)(np.abs(natural)) - [one.centre for one in model.scales]) / [
        one.spread for one in model.scales
    ]
    away = np.linalg.norm(np.array([one.centroid for one in model.segments]) - scaled, axis=1)
    return model.segments[int(away.argmin())].name
