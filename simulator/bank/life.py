"""How one customer lives: drawn once, then the same for the whole history, except for what is owned."""

from dataclasses import dataclass
from random import Random

from simulator.bank.decline import Course
from simulator.bank.holdings import Holdings
from simulator.bank.intents import Account
from simulator.bank.kinds import Kind
from simulator.bank.personas import Persona
from simulator.bank.voices import Language

HOUR = 3_600_000


@dataclass(frozen=True, slots=True)
class StandingOrder:
    """A sum the bank books on the same day of every month; `varies` is the share by which a bill goes up and down."""

    day: int
    kind: Kind
    minor: int
    varies: float = 0.0


@dataclass(slots=True)
class Life:
    """A customer's circumstances. The first account is the current account; a second is savings."""

    rng: Random
    customer_id: str
    persona: Persona
    course: Course
    mix: list[float]
    """Cumulative shares of the persona's actions."""
    rate: float
    """Mean count a day of own doings."""
    basket: int
    """The usual purchase, minor units."""
    income: int
    """A payday's, minor units."""
    paydays: tuple[int, ...]
    orders: tuple[StandingOrder, ...]
    language: Language
    unit: str
    accounts: list[Account]
    holdings: Holdings
    weakness: float
    """How often the customer gets into arrears, see `credit`."""
    luck: Random
    """What the bank does, apart from the customer's own chance: so it changes nothing that the customer does."""
