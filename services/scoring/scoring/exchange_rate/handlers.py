"""The bank's exchange rates are kept as they are told, and every process takes up what is stored."""

from collections.abc import Sequence
from fractions import Fraction

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.clock import utc_now
from rapport.events.bank import ExchangeRateSet
from rapport.events.base import AnyReceived
from rapport.events.money import MINOR_DIGITS
from rapport.messaging.transaction import Transaction
from scoring.exchange_rate import store
from scoring.exchange_rate.domain import Rate, Rates


async def on_rates_set(tx: Transaction, events: Sequence[AnyReceived], *, rates: Rates, currency: str) -> None:
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
    is_open = tx.connection.in_transaction
    rates.being_stored |= dict.fromkeys((event.id for event in events), is_open)


def _concerns(told: ExchangeRateSet, own: str) -> bool:
    """Whether it prices a currency that money can be in by the bank's own."""
    other = {told.base, told.quote} - {own}
    return len(other) == 1 and told.base != told.quote and other <= MINOR_DIGITS.keys()


async def take_up_told(rates: Rates, connection: AsyncConnection, own: str, *, at_once: bool = False) -> None:
    """Know what is stored from here on, looked for when it is time or `at_once`. `own`: the bank's currency.

    In stream time a month passes within seconds, so there every transaction looks. What a transaction sees of its own
    is there for everybody at once: no other has come to the moment from which it counts. Looking takes nothing away,
    since another transaction does not see it; only a rate whose own is over and has not stored it is forgotten.
    """
    began = utc_now()
    if not (at_once or rates.is_stream_time or rates.is_outdated(began)):
        return
    await _forget_what_was_not_stored(rates, connection)
    state = await store.state(connection)
    if state != rates.state:
        count, last = rates.state
        new = await store.following(connection, last)
        if count + len(new) != state[0]:  # an earlier number was committed later, or another transaction saw more
            new = await store.following(connection, 0)
        rates.add(_rate(row, own) for row in new)
        rates.state = state
    rates.compared_at = began


async def _forget_what_was_not_stored(rates: Rates, connection: AsyncConnection) -> None:
    over = {event_id: is_open for event_id, is_open in rates.being_stored.items() if not is_open()}
    if not over:
        return
    stored = await store.those_stored(connection, over)
    for event_id, is_open in over.items():
        if rates.being_stored.get(event_id) is is_open:  # else it is tried again meanwhile
            del rates.being_stored[event_id]
            if event_id not in stored:
                rates.forget([event_id])
                rates.state = (0, 0)


def _rate(row: RowMapping, own: str) -> Rate:
    is_price = row["quote"] == own
    currency = row["base"] if is_price else row["quote"]
    price = Fraction(row["rate"]) if is_price else 1 / Fraction(row["rate"])
    factor = float(price * Fraction(10) ** (MINOR_DIGITS[own] - MINOR_DIGITS[currency]))
    return Rate(currency, row["rate_date"], row["told_at"], row["event_id"], row["known_at"], price, factor)
