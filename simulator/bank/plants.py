"""What a bank must find and a planted customer does: cash and transfers by forms that rules look for, off by default.

Each planted customer does one thing once, by a chance of its own; money that is sent on has come in before it, so that
the balance allows it. Which it was is in a truth file that no service reads.
"""

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Literal

from simulator.bank.intents import Account, Posting
from simulator.bank.kinds import ABROAD, CARD, DEPOSIT, EXCHANGE, TRANSFER_IN, TRANSFER_OUT, Kind
from simulator.bank.life import HOUR
from simulator.bank.plan import BusinessDay

PlantKind = Literal[
    "large-cash", "structured-cash", "passed-through", "large-cross-border", "night", "new-counterparty"
]
PLANTS: tuple[PlantKind, ...] = (
    "large-cash", "structured-cash", "passed-through", "large-cross-border", "night", "new-counterparty",
)  # fmt: skip
_YUAN = 100
_EARLIEST, _LATEST = 75, 12
"""Days of history before, for there to be a usual, and days left after."""


Doings = dict[int, tuple[tuple[float, int, Kind], ...]]
"""Index of the day → hour, yuan (above zero a credit) and kind of each posting."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A line of the truth file: who did what, over which days."""

    customer_id: str
    kind: PlantKind
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Plant:
    """What one customer does beside all else."""

    kind: PlantKind
    doings: Doings

    def due(self, day: BusinessDay, account: Account) -> list[Posting]:
        """The day's postings."""
        return [
            Posting(day.start_ms + int(hour * HOUR), account, yuan * _YUAN, kind)
            for hour, yuan, kind in self.doings.get(day.index, ())
        ]


def make_plant(rng: Random, length: int) -> Plant | None:
    """One of the forms, somewhere in a history of so many days; None where that is too short."""
    if length <= _EARLIEST + _LATEST:
        return None
    start, kind = rng.randrange(_EARLIEST, length - _LATEST), rng.choice(PLANTS)
    doings: Doings
    match kind:
        case "large-cash":
            parts = rng.randint(1, 3)
            each = rng.randint(52_000, 140_000) // parts
            doings = {start: tuple((9.5 + 2.5 * one, each + 500, DEPOSIT) for one in range(parts))}
        case "structured-cash":
            days = [start + 2 * one + rng.randint(0, 1) for one in range(rng.randint(3, 5))]
            doings = {day: ((10.0 + rng.random(), rng.randint(41_000, 49_500), DEPOSIT),) for day in days}
        case "passed-through":
            came = rng.randint(120_000, 450_000)
            left = int(came * rng.uniform(0.93, 0.99))
            doings = {start: ((9.0, came, TRANSFER_IN), (15.0, -left, TRANSFER_OUT))}
        case "large-cross-border":
            sent = rng.randint(205_000, 380_000)
            doings = {start - 3: ((9.0, sent, TRANSFER_IN),), start: ((14.0, -sent, ABROAD),)}
        case "night":
            hours = sorted(1.0 + 3.0 * rng.random() for _ in range(rng.randint(6, 10)))
            spent = [(hour, -rng.randint(400, 1800), CARD) for hour in hours]
            doings = {start: ((0.5, 20_000, TRANSFER_IN), *spent)}
        case "new-counterparty":
            sent = rng.randint(55_000, 95_000)
            doings = {start - 3: ((9.0, sent, TRANSFER_IN),), start: ((14.0, -sent, EXCHANGE),)}
    return Plant(kind, doings)
