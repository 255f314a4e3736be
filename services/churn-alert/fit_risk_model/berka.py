"""Berka (PKDD'99): a real Czech bank's accounts, as the simulator tells them, with four ways in which one declines."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from churn_alert.risk.domain.behaviour import Bank as Rulebook
from fit_risk_model.books import Book, Outcome, Told
from fit_risk_model.progress import shown
from rapport.events.bank import TransactionRecorded
from rapport.events.money import minor_units
from simulator.berka import BerkaBank
from simulator.wire import Wire

MEAN_BALANCE, CREDITS, OPERATIONS, BALANCE = "mean balance", "credits", "customer operations", "balance"
LABELS = (MEAN_BALANCE, CREDITS, OPERATIONS, BALANCE)
_FALLS_TO, _BALANCE_FALLS_TO = 0.7, 0.6


class _Days(NamedTuple):
    """One customer's days: the balance at the end of each, NaN before the first; credits, and own operations."""

    balance: NDArray[np.float64]
    credits: NDArray[np.float64]
    operations: NDArray[np.float64]


def book_of(folder: Path) -> Book:
    """Each label compares the time after a moment with as long a time before it; the last, with the moment itself."""
    bank = BerkaBank(folder, Wire())
    start, length = datetime.combine(bank.start, time.min, UTC), (bank.end - bank.start).days + 1
    lives: dict[str, list[Told]] = defaultdict(list)
    for record in shown(list(bank.records()), "reading Berka"):
        if record.topic == TransactionRecorded.name and record.trouble is None and b'"customer_id"' in record.value:
            try:
                event = TransactionRecorded.model_validate_json(record.value)
            except ValueError:  # the line that is cut off in the middle
                continue
            lives[event.customer_id].append(Told(event.occurred_at, event))
    days = {customer: _days_of(life, start, length) for customer, life in lives.items()}

    def outcome(compare: Callable[[_Days, slice, slice], tuple[float, float]], falls_to: float) -> Outcome:
        def fell(customer: str, at: datetime, horizon: int) -> bool | None:
            now = (at - start).days
            if now < horizon or now + horizon > length:
                return None
            before, after = compare(days[customer], slice(now - horizon, now), slice(now, now + horizon))
            return after <= falls_to * before if before > 0.0 else None

        return fell

    drifts = {
        MEAN_BALANCE: outcome(lambda d, b, a: (_mean(d.balance[b]), _mean(d.balance[a])), _FALLS_TO),
        CREDITS: outcome(lambda d, b, a: (d.credits[b].sum(), d.credits[a].sum()), _FALLS_TO),
        OPERATIONS: outcome(lambda d, b, a: (d.operations[b].sum(), d.operations[a].sum()), _FALLS_TO),
        BALANCE: outcome(lambda d, b, a: (d.balance[b][-1], d.balance[a][-1]), _BALANCE_FALLS_TO),
    }
    return Book("Berka", Rulebook("CZK", UTC), dict(lives), start, length, drifts)


def _mean(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else 0.0


def _days_of(life: list[Told], start: datetime, length: int) -> _Days:
    balance, came, operations = np.full(length, np.nan), np.zeros(length), np.zeros(length)
    closing: dict[int, float] = {}
    for at, event in life:
        day, minor = (at - start).days, float(minor_units(event.amount, event.currency))
        came[day] += minor if event.direction == "credit" else 0.0
        operations[day] += event.initiator == "customer"
        if event.balance_after is not None:
            closing[day] = float(minor_units(event.balance_after, event.currency))
    held = np.nan
    for day in range(length):
        held = balance[day] = closing.get(day, held)
    return _Days(balance, came, operations)
