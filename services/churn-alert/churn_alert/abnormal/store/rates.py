"""What other currencies cost, as the bank told it: the copy that sums in other currencies are valued by."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import Column, Date, DateTime, Table, Text
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.abnormal.domain.valuing import Rate, Rates
from churn_alert.tables import metadata
from rapport.database import fetch, upsert_many
from rapport.events.bank import ExchangeRateSet
from rapport.events.base import Received
from rapport.events.money import MINOR_DIGITS
from rapport.privacy.catalogue.columns import entry

exchange_rates = Table(
    "exchange_rates",
    metadata,
    Column("base", Text, primary_key=True),
    Column("quote", Text, primary_key=True),
    Column("rate_date", Date, primary_key=True),
    # As told: what is reckoned from it must be the same wherever it is read.
    Column("rate", Text, nullable=False),
    Column("told_at", DateTime(timezone=True), nullable=False),
    info=entry("currency-and-rate"),
)
_OLDEST = timedelta(days=31)
"""A rate that is older than this values nothing."""
_BETWEEN = (
    "SELECT base, quote, rate_date, rate FROM exchange_rates "
    "WHERE rate_date BETWEEN $1 AND $2 AND (base = ANY($3::text[]) OR quote = ANY($3::text[])) ORDER BY rate_date"
)


async def keep(connection: AsyncConnection, told: Iterable[Received[ExchangeRateSet]]) -> None:
    """Keep of each pair and day the word told last: a correction replaces what it corrects."""
    rows = {
        (one.data.base, one.data.quote, one.data.rate_date): {**one.data.model_dump(), "told_at": one.time}
        for one in sorted(told, key=lambda one: one.time)
        if {one.data.base, one.data.quote} <= MINOR_DIGITS.keys() and one.data.base != one.data.quote
    }
    # In one order everywhere: two polls that hear of the same rates wait for each other and do not lock up.
    await upsert_many(connection, exchange_rates, [rows[key] for key in sorted(rows)], only_newer="told_at")


async def rates_for(connection: AsyncConnection, currencies: Collection[str], first: date, last: date) -> Rates:
    """What values these currencies on these days; where there is none of another currency, nothing is asked."""
    if not currencies:
        return Rates(())
    rows = await fetch(connection, _BETWEEN, first - _OLDEST, last, sorted(currencies))
    return Rates(Rate(row["base"], row["quote"], row["rate_date"].toordinal(), Fraction(row["rate"])) for row in rows)
