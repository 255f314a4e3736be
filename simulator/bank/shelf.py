"""The bank itself: its units, staff, products and exchange rates."""

from collections.abc import Iterator
from random import Random
from typing import Literal

from rapport.events.bank import EmployeeChanged, ExchangeRateSet, OrganisationUnitChanged, ProductChanged, ProductKind
from simulator.bank.plan import BusinessDay
from simulator.bank.tokens import chance, token
from simulator.marks import SOURCES
from simulator.wire import Record, Wire

Role = Literal["rm", "team_lead", "teller", "agent", "complaint_officer", "compliance"]
Grade = Literal["R1", "R2", "R3", "R4", "R5"]

HEAD_OFFICE = "HO"
REGIONS = ("RG-EAST", "RG-SOUTH", "RG-WEST", "RG-NORTH")
PRODUCTS: tuple[tuple[str, ProductKind, Grade], ...] = (
    ("DEP-CURRENT", "deposit", "R1"),
    ("DEP-TERM-12", "deposit", "R1"),
    ("DEP-TERM-36", "deposit", "R1"),
    ("WM-STEADY", "wealth", "R2"),
    ("WM-BALANCE", "wealth", "R3"),
    ("WM-GROWTH", "wealth", "R4"),
    ("FD-MONEY", "fund", "R1"),
    ("FD-BOND", "fund", "R2"),
    ("FD-EQUITY", "fund", "R5"),
    ("IN-LIFE", "insurance", "R1"),
    ("IN-LINKED", "insurance", "R3"),
    ("LN-HOME", "loan", "R1"),
    ("LN-CONSUMER", "loan", "R1"),
    ("CC-CLASSIC", "card", "R1"),
)
_RATES = {"USD": 7.2, "EUR": 7.8, "HKD": 0.92, "JPY": 0.048}
_BRANCH_ROLES: tuple[Role, ...] = ("team_lead", "rm", "rm", "rm", "teller", "teller", "teller")
_HEAD_ROLES: tuple[Role, ...] = ("agent",) * 10 + ("complaint_officer",) * 4 + ("compliance",) * 3


class Shelf:
    """Branches in number by the customers, and the people who work there."""

    def __init__(self, seed: int, customers: int) -> None:
        self._seed = seed
        count = min(200, max(4, customers // 250))
        self.branches = {f"BR{number:03d}": REGIONS[number % len(REGIONS)] for number in range(1, count + 1)}
        self.staff = [(self._employee(unit, place), unit, role) for unit, place, role in self._posts()]
        self.managers = {
            unit: [employee for employee, where, role in self.staff if where == unit and role == "rm"]
            for unit in self.branches
        }

    def _posts(self) -> Iterator[tuple[str, int, Role]]:
        for unit in self.branches:
            for place, role in enumerate(_BRANCH_ROLES):
                yield unit, place, role
        for place, role in enumerate(_HEAD_ROLES):
            yield HEAD_OFFICE, place, role

    def _employee(self, unit: str, place: int) -> str:
        return token("e", self._seed, unit, place)

    def opening(self, wire: Wire, time_ms: int) -> Iterator[Record]:
        """Units, staff and products as they are when the history begins."""
        units = [OrganisationUnitChanged(unit=HEAD_OFFICE, kind="head-office", revision=1)]
        units += [OrganisationUnitChanged(unit=r, kind="region", parent=HEAD_OFFICE, revision=1) for r in REGIONS]
        units += [
            OrganisationUnitChanged(unit=b, kind="branch", parent=r, revision=1) for b, r in self.branches.items()
        ]
        stamp = wire.stamp(OrganisationUnitChanged, SOURCES[OrganisationUnitChanged])
        for unit in units:
            yield wire.told(unit, stamp, identifier=f"unit:{unit.unit}:1", time_ms=time_ms)
        stamp = wire.stamp(EmployeeChanged, SOURCES[EmployeeChanged])
        for employee, where, role in self.staff:
            event = EmployeeChanged(employee_id=employee, unit=where, role=role, active=True, revision=1)
            yield wire.told(event, stamp, identifier=f"employee:{employee}:1", time_ms=time_ms)
        for code, _, _ in PRODUCTS:
            yield product(wire, code, time_ms, on_sale=True, revision=1)

    def daily(self, wire: Wire, day: BusinessDay) -> Iterator[Record]:
        """The day's exchange rates; in the middle of a history's year one product leaves the shelf."""
        if day.date.weekday() < 5:
            yield from _rates(wire, day, chance(self._seed, "rates", day.date))
        if (day.date.month, day.date.day) == (7, 1):
            yield product(wire, "WM-GROWTH", day.start_ms + 33_300_000, on_sale=False, revision=1 + day.date.year)


def product(wire: Wire, code: str, time_ms: int, *, on_sale: bool, revision: int) -> Record:
    """A product as it is from now on."""
    kind, grade = next((kind, grade) for found, kind, grade in PRODUCTS if found == code)
    event = ProductChanged(
        product=code, kind=kind, risk_grade=grade, currency="CNY", on_sale=on_sale, revision=revision
    )
    stamp = wire.stamp(ProductChanged, SOURCES[ProductChanged])
    return wire.told(event, stamp, identifier=f"product:{code}:{revision}", time_ms=time_ms)


def _rates(wire: Wire, day: BusinessDay, rng: Random) -> Iterator[Record]:
    stamp = wire.stamp(ExchangeRateSet, SOURCES[ExchangeRateSet])
    for place, (base, usual) in enumerate(_RATES.items()):
        rate = f"{usual * (1 + rng.uniform(-0.02, 0.02)):.6f}"
        event = ExchangeRateSet(base=base, quote="CNY", rate=rate, rate_date=day.date)
        time_ms = day.start_ms + 33_300_000 + place
        yield wire.told(event, stamp, identifier=f"rate:{base}:{day.date.isoformat()}", time_ms=time_ms)
