"""The day cut of a core: at the end of a business day every partition of every bank topic gets a `day-closed` record.

Readers in stream time need it to know that a quiet topic is quiet and not late.
"""

from collections.abc import Iterator
from datetime import date

from rapport.events.bank import (
    AccountChanged,
    BankEvent,
    CustomerRecorded,
    DayClosed,
    EmployeeChanged,
    ExchangeRateSet,
    FeedbackSubmitted,
    HoldingChanged,
    InteractionRecorded,
    OrganisationUnitChanged,
    ProductChanged,
    RiskAssessed,
    TransactionRecorded,
)
from simulator.wire import Record, Wire, record

CORE, STAFF, CHANNELS = "core-banking", "hr", "channels"

SOURCES: dict[type[BankEvent], str] = {
    OrganisationUnitChanged: CORE,
    EmployeeChanged: STAFF,
    ProductChanged: CORE,
    ExchangeRateSet: CORE,
    CustomerRecorded: CORE,
    AccountChanged: CORE,
    HoldingChanged: CORE,
    RiskAssessed: CORE,
    TransactionRecorded: CORE,
    InteractionRecorded: CHANNELS,
    FeedbackSubmitted: CHANNELS,
}
"""Every topic the bank writes to, and the one source that writes to it."""


def day_closed(wire: Wire, day: date, time_ms: int) -> Iterator[Record]:
    """The marks of one business day: nothing dated before `time_ms` will follow, unless it is late."""
    for event_class, source in SOURCES.items():
        stamp = wire.stamp(DayClosed, source)._replace(topic=wire.prefix + event_class.name)
        key = wire.key(source)
        value = DayClosed(source=source, business_date=day).model_dump_json().encode()
        for partition in range(wire.partitions):
            identifier = f"day-closed:{event_class.name}:{partition}:{day.isoformat()}"
            yield record(stamp, key._replace(partition=partition), identifier, time_ms, value)
