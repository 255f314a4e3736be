"""The accounts of the customers of one transaction: loaded at once, the latest word kept, saved at once."""

from collections.abc import Collection
from typing import Self

from customer_profile.account import store
from customer_profile.account.domain import Account, latest, opened
from rapport.events.bank import AccountChanged
from rapport.events.base import Received
from rapport.events.money import minor_units
from rapport.messaging.transaction import Transaction


class Accounts:
    """What is known of these customers' accounts, and what of it has changed."""

    def __init__(self, known: dict[tuple[str, str], Account]) -> None:
        self._known = known
        self._changed: dict[tuple[str, str], Account] = {}

    @classmethod
    async def load(cls, tx: Transaction, customer_ids: Collection[str]) -> Self:
        """The accounts of these customers, who are locked."""
        return cls(await store.load(tx.connection, customer_ids))

    def hear(self, event: Received[AccountChanged]) -> int:
        """Keep what an event tells if it is the latest word; returns the change in the number of open accounts."""
        told = account_of(event)
        place = (told.customer_id, told.account_id)
        before = self._known.get(place)
        after = latest(before, told)
        if after is before:
            return 0
        self._known[place] = self._changed[place] = after
        return opened(before, after)

    async def save(self, tx: Transaction) -> None:
        """Write what has changed."""
        await store.save(tx.connection, self._changed.values())


def account_of(event: Received[AccountChanged]) -> Account:
    """The account that an event speaks of."""
    data = event.data
    return Account(
        customer_id=data.customer_id,
        account_id=data.account_id,
        type=data.type,
        status=data.status,
        opened_on=data.opened_on,
        closed_on=data.closed_on,
        minor=minor_of(data.balance, data.currency),
        currency=data.currency,
        as_of=data.as_of,
        event_id=event.id,
    )


def minor_of(balance: str, currency: str) -> int:
    """`("-12.30", "CNY")` → -1230: a balance may be below zero."""
    minor = minor_units(balance.removeprefix("-"), currency)
    return -minor if balance.startswith("-") else minor
