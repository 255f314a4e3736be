"""The bank's exchange rates are kept as they are told, and every process takes up what is stored."""

from collections.abc import Sequence
from fractions import Fraction
from time import monotonic

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.events.bank import ExchangeRateSet
from rapport.events.base import AnyReceived
from rapport.events.money import MINOR_DIGITS
from rapport.messaging.transaction import Transaction
from scoring.exchange_rate import store
from scoring.exchange_rate.domain import Rate, Rates

TAKEN_UP_WITHIN = 10.0
"""Seconds, as for scorecards."""


async def on_rates_set(tx: Transaction, events: Sequence[AnyReceived], *, currency: str) -> None:
    """Keep what is told of the bank's own `currency`, on either side; between two others nothing is reckoned.

    No customer is decided again because of a rate alone.
    """
    rows = [
        {
            "event_id": event.id,
            "base": event.data.base,
            "quote": event.data.quote,
            "rate": event.data.rate,
            "rate_date": event.data.rate_date,
            "told_at": event.time,
            # In stream time no partition has come further: nobody has decided about a later moment without it.
            "known_at": max(event.time, tx.furthest_clock),
        }
        for event in events
        if _concerns(event.data, currency)
    ]
    await store.keep(tx.connection, rows)


def _concerns(told: ExchangeRateSet, own: str) -> bool:
    """Whether it prices a currency that money can be in by the bank's own."""
    other = {told.base, told.quote} - {own}
    return len(other) == 1 and told.base != told.quote and other <= MINOR_DIGITS.keys()


def is_outdated(rates: Rates) -> bool:
    """Is it time to look whether more is stored?"""
    return monotonic() - rates.compared_at > TAKEN_UP_WITHIN


async def take_up_told(rates: Rates, connection: AsyncConnection, own: str, *, at_once: bool = False) -> None:
    """Know what is stored from here on, looked for when it is time or `at_once`. `own`: the bank's currency.

    In stream time a month passes within seconds, so there every transaction looks.
    """
    if not (at_once or rates.is_stream_time or is_outdated(rates)):
        return
    began = monotonic()
    state = await store.state(connection)
    if state != rates.state:
        count, last = rates.state
        new = await store.following(connection, last)
        if count + len(new) == state[0]:
            rates.add(_rate(row, own) for row in new)
        else:  # an earlier number was committed later, or what was seen before was rolled back
            rates.take(_rate(row, own) for row in await store.following(connection, 0))
        rates.state = state
    rates.compared_at = began


def _rate(row: RowMapping, own: str) -> Rate:
    is_price = row["quote"] == own
    currency = row["base"] if is_price else row["quote"]
    price = Fraction(row["rate"]) if is_price else 1 / Fraction(row["rate"])
    factor = float(price * Fraction(10) ** (MINOR_DIGITS[own] - MINOR_DIGITS[currency]))
    return Rate(currency, row["rate_date"], row["told_at"], row["event_id"], row["known_at"], price, factor)
