"""Tells the Berka files as records of a core bank: day by day, with marks, the damaged lines left damaged."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path

from rapport.events.bank import (
    AccountChanged,
    CustomerRecorded,
    Holding,
    HoldingChanged,
    OrganisationUnitChanged,
    ProductChanged,
    TransactionRecorded,
)
from rapport.events.money import decimal_string
from simulator.bank.tokens import token
from simulator.berka.clients import Item, Owner, districts, owners
from simulator.berka.files import UnreadableFile
from simulator.berka.postings import Posting, Unreadable, closing, postings, standing_orders
from simulator.marks import CORE, SOURCES, day_closed
from simulator.wire import DAY_MS, Record, Wire, moment, record, wire_time

_HOUR = 3_600_000
_OPENED, _NOON, _GRANTED = 6 * _HOUR, 12 * _HOUR, 18 * _HOUR
"""Times of day the files do not have: a customer comes before the first posting, a loan after the day's."""
_CURRENCY = "CZK"
_REGION_OFFICE = "RG-"


class BerkaBank:
    """The bank of the files. Read whole when made, so that a bad folder is told before anything is published."""

    def __init__(self, folder: Path, wire: Wire | None = None) -> None:
        self._wire = wire or Wire()
        self._districts = districts(folder)
        self._owners = owners(folder)
        self._days: dict[date, list[Posting | Unreadable]] = defaultdict(list)
        last: date | None = None
        for line in postings(folder, standing_orders(folder)):
            day = line.day or last
            if day is None or (isinstance(line, Posting) and line.account not in self._owners):
                raise UnreadableFile(f"{folder / 'trans.asc'}: a transaction of no known account, or of no day")
            self._days[day].append(line)
            last = day
        if not self._days:
            raise UnreadableFile(
                f"{folder / 'trans.asc'}: there is no transaction in it; take a fresh copy of the file"
            )
        self.start, self.end = min(self._days), max(self._days)
        self.transactions = sum(isinstance(line, Posting) for day in self._days.values() for line in day)
        self.unreadable = sum(isinstance(line, Unreadable) for day in self._days.values() for line in day)
        self._stamps = {event: self._wire.stamp(event, source) for event, source in SOURCES.items()}

    def records(self) -> Iterator[Record]:
        """Everything, from the first account or transaction to the mark of the day after the last."""
        opened: dict[date, list[Owner]] = defaultdict(list)
        granted: dict[date, list[tuple[Owner, int]]] = defaultdict(list)
        for owner in self._owners.values():
            opened[max(owner.opened, self.start)].append(owner)
            for place, item in enumerate(owner.items):
                granted[max(item.day, self.start)].append((owner, place))
        balances: dict[str, int] = {}
        yield from self._units_and_products(_start_of(self.start))
        for day in _days(self.start, self.end):
            midnight = _start_of(day)
            for owner in opened[day]:
                yield from self._opening(owner, midnight + _OPENED)
            yield from self._postings_of(day, midnight + _NOON, balances)
            for owner, place in granted[day]:
                yield self._holdings(owner, owner.items[: place + 1], midnight + _GRANTED + place)
            yield from day_closed(self._wire, day, midnight + DAY_MS)
        after = self.end + timedelta(days=1)
        yield from day_closed(self._wire, after, _start_of(after) + DAY_MS)

    def _postings_of(self, day: date, time_ms: int, balances: dict[str, int]) -> Iterator[Record]:
        lines = self._days.get(day, [])
        booked = [line for line in lines if isinstance(line, Posting)]
        last_of: set[str] = set()
        for account, of_account in groupby(sorted(booked, key=lambda p: p.account), key=lambda p: p.account):
            last = closing(of_account, balances.get(account))
            balances[account] = last.balance
            last_of.add(last.trans_id)
        for line in lines:
            match line:
                case Posting():
                    yield self._posting(line, time_ms, closes_day=line.trans_id in last_of)
                case Unreadable():
                    yield self._unreadable(line, time_ms)

    def _posting(self, posting: Posting, time_ms: int, *, closes_day: bool) -> Record:
        owner = self._owners[posting.account]
        number = token("t", "berka", posting.trans_id)
        event = TransactionRecorded(
            source=CORE,
            transaction_no=number,
            account_id=owner.account_id,
            customer_id=owner.customer_id,
            amount=decimal_string(posting.minor, _CURRENCY),
            currency=_CURRENCY,
            direction=posting.direction,
            kind=posting.meaning.kind,
            initiator=posting.meaning.initiator,
            channel=posting.meaning.channel,
            counterparty_class=posting.meaning.counterparty,
            balance_after=decimal_string(posting.balance, _CURRENCY) if closes_day else None,
            occurred_at=moment(time_ms),
        )
        return self._wire.told(event, self._stamps[TransactionRecorded], identifier=number, time_ms=time_ms)

    def _unreadable(self, line: Unreadable, time_ms: int) -> Record:
        """The line as it is, for a dead letter; under its customer, where its account can still be read."""
        owner = self._owners.get(line.account or "")
        key = self._wire.key(owner.customer_id if owner else CORE)
        told = record(self._stamps[TransactionRecorded], key, f"line-{line.number}", time_ms, line.raw)
        return told._replace(trouble="malformed-json")

    def _opening(self, owner: Owner, time_ms: int) -> Iterator[Record]:
        at = wire_time(time_ms)
        customer = CustomerRecorded(
            customer_id=owner.customer_id,
            birth_year=owner.birth_year,
            gender=owner.gender,
            unit=owner.unit,
            region=owner.region,
            customer_since=owner.opened,
            recorded_at=moment(time_ms),
        )
        account = AccountChanged(
            account_id=owner.account_id,
            customer_id=owner.customer_id,
            type="current",
            status="open",
            opened_on=owner.opened,
            balance="0.00",
            currency=_CURRENCY,
            as_of=moment(time_ms),
        )
        for event, name in ((customer, "customer"), (account, "account")):
            identifier = f"{name}:{owner.account_id}:{at}"
            yield self._wire.told(event, self._stamps[type(event)], identifier=identifier, time_ms=time_ms)

    def _holdings(self, owner: Owner, items: tuple[Item, ...], time_ms: int) -> Record:
        holdings = tuple(
            Holding(product=i.product, kind=i.kind, amount=decimal_string(i.minor, _CURRENCY), currency=_CURRENCY)
            for i in items
        )
        event = HoldingChanged(
            customer_id=owner.customer_id, holdings=holdings, as_of=moment(time_ms), revision=len(items)
        )
        identifier = f"holding:{owner.account_id}:{len(items)}"
        return self._wire.told(event, self._stamps[HoldingChanged], identifier=identifier, time_ms=time_ms)

    def _units_and_products(self, time_ms: int) -> Iterator[Record]:
        regions = sorted({region for _, region in self._districts.values()})
        units = [OrganisationUnitChanged(unit="HO", kind="head-office", revision=1)]
        units += [
            OrganisationUnitChanged(unit=_REGION_OFFICE + r, kind="region", parent="HO", revision=1) for r in regions
        ]
        units += [
            OrganisationUnitChanged(unit=unit, kind="branch", parent=_REGION_OFFICE + region, revision=1)
            for unit, region in self._districts.values()
        ]
        for unit in units:
            stamp = self._stamps[OrganisationUnitChanged]
            yield self._wire.told(unit, stamp, identifier=f"unit:{unit.unit}", time_ms=time_ms)
        codes = sorted({(item.product, item.kind) for owner in self._owners.values() for item in owner.items})
        for code, kind in codes:
            product = ProductChanged(
                product=code, kind=kind, risk_grade="R1", currency=_CURRENCY, on_sale=True, revision=1
            )
            yield self._wire.told(product, self._stamps[ProductChanged], identifier=f"product:{code}", time_ms=time_ms)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _start_of(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000
