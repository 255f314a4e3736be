"""The records of one customer. The two frequent events are written by hand, for speed; a test decodes every one."""

from typing import NamedTuple

from rapport.events.bank import (
    AccountChanged,
    CustomerRecorded,
    FeedbackSubmitted,
    HoldingChanged,
    InteractionRecorded,
    RiskAssessed,
    TransactionRecorded,
)
from rapport.events.base import Event
from simulator.bank.kinds import Kind
from simulator.marks import CORE, SOURCES
from simulator.wire import Record, Stamp, Wire, record, wire_time


class Booked(NamedTuple):
    """A posting of `minor` (above zero: credit) dated `dated_ms`, after which the account stands at `balance`."""

    account_id: str
    minor: int
    kind: Kind
    product: str | None
    balance: int
    dated_ms: int
    reverses: "Reversed | None" = None


class Reversed(NamedTuple):
    """What a posting takes back."""

    transaction_no: str
    booked: Booked

    @property
    def json(self) -> str:
        """The part of the record that says so, complete."""
        booked = self.booked
        return (
            f'"reverses":{{"transaction_no":"{self.transaction_no}","amount":"{yuan(abs(booked.minor))}",'
            f'"occurred_at":"{wire_time(booked.dated_ms)}","balance_after":"{yuan(booked.balance)}"}},'
        )


class Pen:
    """Writes the records of all customers of one bank."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.transactions = wire.stamp(TransactionRecorded, SOURCES[TransactionRecorded])
        self.interactions = wire.stamp(InteractionRecorded, SOURCES[InteractionRecorded])
        self.others: dict[type[Event], Stamp] = {
            event_class: wire.stamp(event_class, SOURCES[event_class])
            for event_class in (AccountChanged, CustomerRecorded, FeedbackSubmitted, HoldingChanged, RiskAssessed)
        }


class CustomerPen:
    """Writes one customer's records: what they repeat is encoded once. Events are numbered from 1, as they are told."""

    __slots__ = ("_head", "_key", "_pen", "_serial", "customer_id")

    def __init__(self, pen: Pen, customer_id: str, serial: str) -> None:
        self._pen = pen
        self._key = pen.wire.key(customer_id)
        self._serial = serial
        self._head = f'{{"source":"{CORE}","customer_id":"{customer_id}","currency":"CNY",'
        self.customer_id = customer_id

    def transaction_no(self, number: int) -> str:
        """What the posting of that number is called."""
        return f"T{self._serial}-{number:06d}"

    def transaction(self, number: int, time_ms: int, booked: Booked) -> Record:
        """A posting on an account."""
        account_id, minor, kind, product, balance, dated_ms, reverses = booked
        no = self.transaction_no(number)
        direction = "credit" if minor > 0 else "debit"
        of_product = f'"product":"{product}",' if product else ""
        taking_back = reverses.json if reverses else ""
        value = (
            f'{self._head}"transaction_no":"{no}","account_id":"{account_id}","amount":"{yuan(abs(minor))}",'
            f'"direction":"{direction}",{kind.json},{of_product}{taking_back}"balance_after":"{yuan(balance)}",'
            f'"occurred_at":"{wire_time(dated_ms)}"}}'
        )
        return record(self._pen.transactions, self._key, no, time_ms, value.encode())

    def interaction(self, number: int, time_ms: int, kind: str, channel: str) -> Record:
        """A use of a channel."""
        value = (
            f'{{"customer_id":"{self.customer_id}","kind":"{kind}","channel":"{channel}",'
            f'"occurred_at":"{wire_time(time_ms)}"}}'
        )
        return record(self._pen.interactions, self._key, f"I{self._serial}-{number:06d}", time_ms, value.encode())

    def event(self, number: int, time_ms: int, event: Event) -> Record:
        """Any other event, through its contract."""
        stamp = self._pen.others[type(event)]
        value = event.model_dump_json(exclude_none=True).encode()
        return record(stamp, self._key, f"E{self._serial}-{number:06d}", time_ms, value)


def yuan(minor: int) -> str:
    """`1230` → "12.30"."""
    return f"{minor // 100}.{minor % 100:02d}" if minor >= 0 else f"-{-minor // 100}.{-minor % 100:02d}"
