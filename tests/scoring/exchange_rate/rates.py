"""Exchange rates as the bank tells them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from rapport.events.bank import ExchangeRateSet
from rapport.messaging.records import RawRecord
from tests.support.delivering import Delivering


def rate(day: date, price: str = "7.1", base: str = "USD", quote: str = "CNY") -> ExchangeRateSet:
    return ExchangeRateSet(base=base, quote=quote, rate=price, rate_date=day)


def record(service: Delivering, told: ExchangeRateSet, **options: Any) -> RawRecord:
    """Told at noon in UTC of its day, unless `options` say otherwise."""
    noon = datetime(told.rate_date.year, told.rate_date.month, told.rate_date.day, 12, tzinfo=UTC)
    return service.feed.record(told, **{"time": noon} | options)


def days_of_rates(service: Delivering, first: date, days: int, price: float = 7.1) -> list[RawRecord]:
    """One each day, rising by a hundredth."""
    return [
        record(service, rate(first + timedelta(days=n), f"{price + n / 100:.2f}"), identifier=f"rate-{n}")
        for n in range(days)
    ]
