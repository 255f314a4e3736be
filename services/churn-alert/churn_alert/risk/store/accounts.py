"""Accounts as they are kept in the row of their customer's risk: a list each, moments as text."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from churn_alert.risk.domain.accounts import Account, Balance, Standing
from rapport.behaviour.decay import DecayedSums

Cells = Sequence[Any] | None


def account_of(flow: Any, balance: Cells, standing: Cells, is_foreign: bool) -> Account:  # noqa: FBT001 - a cell
    """An account from its cells, in the order of its fields."""
    return Account(
        DecayedSums(_moment(flow["as_of"]), tuple(flow["values"])),
        Balance(datetime.fromisoformat(balance[0]), *balance[1:]) if balance else None,
        Standing(datetime.fromisoformat(standing[0]), *standing[1:]) if standing else None,
        is_foreign,
    )


def _moment(cell: str | None) -> datetime | None:
    return datetime.fromisoformat(cell) if cell else None
