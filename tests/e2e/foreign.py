"""A simulated bank whose customers hold dollars and yen too, and its exchange rates."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from rapport.events.bank import ExchangeRateSet, TransactionRecorded
from simulator.marks import SOURCES
from simulator.wire import Record, Wire

EVERY = 9
"""Of a customer's postings each ninth is told again as one on an account in another currency, a minute later."""
RATES = {"USD": "7.05", "JPY": "0.0512"}


def with_foreign_accounts(records: Iterable[Record], wire: Wire) -> Iterator[Record]:
    """The history, with a posting in another currency after every ninth, alternately in and out."""
    seen = 0
    stamp = wire.stamp(TransactionRecorded, SOURCES[TransactionRecorded])
    for record in records:
        yield record
        if (
            not record.topic.endswith("transaction-recorded")
            or record.key is None
            or b"customer_id" not in record.value
        ):
            continue
        seen += 1
        if seen % EVERY:
            continue
        of = TransactionRecorded.model_validate_json(record.value)
        currency = "USD" if seen % 2 else "JPY"
        changed = {"transaction_no": f"f-{seen}", "account_id": f"{of.account_id}-{currency}", "currency": currency}
        changed |= {"amount": str(seen % 977 * 20), "direction": "debit" if seen % 4 == 0 else "credit"}
        given = of.model_dump(exclude={"balance_after", "reverses"}) | changed
        foreign = TransactionRecorded.model_validate(given)
        yield wire.told(foreign, stamp, identifier=f"foreign:{seen}", time_ms=record.time_ms)


def rates_on(wire: Wire, *days: datetime) -> list[Record]:
    """Rates told on these days, for these days."""
    stamp = wire.stamp(ExchangeRateSet, SOURCES[ExchangeRateSet])
    return [
        wire.told(
            ExchangeRateSet(base=base, quote="CNY", rate=rate, rate_date=day.date()),
            stamp,
            identifier=f"test-rate:{base}:{day.date()}",
            time_ms=int(day.astimezone(UTC).timestamp() * 1000),
        )
        for day in days
        for base, rate in RATES.items()
    ]
