"""What a customer has in other currencies: kept in each as in the bank's own, and converted month by month."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from scoring.exchange_rate.domain import Rate, Rates
from scoring.standing.domain.assets import NO_MOVEMENTS, Movements, Valuation, average_valuation, first_day_of
from scoring.standing.domain.opening import FirstDay, Posting, learn_opening


@dataclass(slots=True)
class Accounts:
    """A customer's accounts in one currency, in its minor units. `balance`: with what was held before our history."""

    balance: int = 0
    movements: Movements = NO_MOVEMENTS
    first_days: dict[str, FirstDay] = field(default_factory=dict)

    def add(self, posting: Posting, zone: tzinfo) -> None:
        """One posting; a reversal moves the days that what it takes back had moved."""
        day = (posting.reversed_at or posting.occurred_at).astimezone(zone).date()
        self.balance += learn_opening(self.first_days, posting) + posting.signed
        self.movements = self.movements.add(day, posting.signed)


def documents_of(accounts: Mapping[str, Accounts]) -> dict[str, list[Any]]:
    """As they are stored and hashed."""
    return {currency: [one.balance, one.movements, one.first_days] for currency, one in accounts.items()}


def accounts_of(documents: Mapping[str, Sequence[Any]] | None) -> dict[str, Accounts]:
    """The inverse of `documents_of`."""
    if not documents:
        return {}
    return {
        currency: Accounts(balance, Movements(*movements), first_days)
        for currency, (balance, movements, first_days) in documents.items()
    }


class Assets(NamedTuple):
    """A month's average daily assets in one currency, in its minor units, and the rate that converts them; None where
    none is known."""

    currency: str
    average: float
    rate: Rate | None


def assets_of(
    accounts: Mapping[str, Accounts], valuations: Sequence[Valuation], month: int, rates: Rates, at: datetime
) -> Iterator[Assets]:
    """The assets of the month before `month` in each other currency, at the rate of its last day as known at `at`.

    In order of the currencies, so that their sum is the same to the bit; what was nothing is left out.
    """
    last_day = first_day_of(month) - timedelta(days=1)
    for currency, held in sorted(accounts.items()):
        average = held.movements.average_before(month, held.balance)
        average += average_valuation([one.in_currency(currency) for one in valuations], month - 1)
        if average:
            yield Assets(currency, average, rates.at(currency, last_day, at))
