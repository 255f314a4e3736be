"""The seeded bank's history: all that it tells, in one order of time, made day by day: no year lies in memory."""

from collections.abc import Iterator
from datetime import timedelta

from simulator.bank.customer import Customer, Draft
from simulator.bank.decline import Decline
from simulator.bank.plan import Plan, business_day
from simulator.bank.plants import Planted
from simulator.bank.population import decline_of, make_customer, planted_of
from simulator.bank.shelf import Shelf
from simulator.bank.writing import Pen
from simulator.marks import day_closed
from simulator.wire import Record, Wire


class Bank:
    """A simulated bank; its history can be told any number of times and is always the same."""

    def __init__(self, plan: Plan, wire: Wire | None = None) -> None:
        self.plan = plan
        self._wire = wire or Wire()
        self._shelf = Shelf(plan.seed, plan.customers)

    def decliners(self) -> list[Decline]:
        """Who really leaves; no service may read it."""
        found = (decline_of(self.plan, customer) for customer in self._customers(Pen(self._wire)))
        return [decline for decline in found if decline is not None]

    def planted(self) -> list[Planted]:
        """Who does something abnormal, and when; no service may read it."""
        found = (planted_of(self.plan, customer) for customer in self._customers(Pen(self._wire)))
        return [planted for planted in found if planted is not None]

    def _customers(self, pen: Pen) -> Iterator[Customer]:
        return (make_customer(self.plan, self._shelf, pen, number) for number in range(self.plan.customers))

    def records(self) -> Iterator[Record]:
        """Everything, from the first midnight to the mark of the day after the last."""
        wire, plan = self._wire, self.plan
        pen = Pen(wire)
        customers = list(self._customers(pen))
        yield from self._shelf.opening(wire, plan.day(0).start_ms)
        for index in range(plan.length):
            day = plan.day(index)
            drafts: list[Draft] = []
            for customer in customers:
                customer.live(day, drafts)
            drafts.sort()
            yield from self._merged(drafts, list(self._shelf.daily(wire, day)))
            yield from day_closed(wire, day.date, day.end_ms)
        after = business_day(plan.end + timedelta(days=1), plan.length)
        yield from day_closed(wire, after.date, after.end_ms)

    @staticmethod
    def _merged(drafts: list[Draft], daily: list[Record]) -> Iterator[Record]:
        """The customers' drafts, written at their turn, with the bank's few own records of the day among them."""
        waiting = iter(daily)
        own = next(waiting, None)
        for time_ms, _, _, write, told in drafts:
            while own is not None and own.time_ms <= time_ms:
                yield own
                own = next(waiting, None)
            yield write(*told)
        if own is not None:
            yield own
            yield from waiting
