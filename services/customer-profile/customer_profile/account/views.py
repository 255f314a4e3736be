"""What is shown of an account; balances are decimal strings."""

from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from customer_profile.account.domain import Account, Status, Type
from rapport.events.money import decimal_string

ACCOUNT: dict[str, Any] = {
    "account_id": "a-5f0c2d71",
    "customer_id": "9f1c0a6d2be84c5aa1d3",
    "type": "savings",
    "status": "open",
    "opened_on": "2021-04-12",
    "closed_on": None,
    "balance": "10250.75",
    "currency": "CNY",
    "as_of": "2026-03-02T16:00:00Z",
}


class AccountView(BaseModel):
    """An account as the core last told it."""

    model_config = ConfigDict(json_schema_extra={"examples": [ACCOUNT]})

    account_id: str = Field(description="A token, never the account's number")
    customer_id: str = Field(description="The file of the person that it was told of; of several the latest word")
    type: Type
    status: Status
    opened_on: date
    closed_on: date | None
    balance: str = Field(description="Decimal string, below zero for what is owed")
    currency: str = Field(description="ISO 4217")
    as_of: datetime = Field(description="When the core saw the account like this")

    @classmethod
    def of(cls, account: Account) -> Self:
        """The view of an account."""
        return cls(
            account_id=account.account_id,
            customer_id=account.customer_id,
            type=account.type,
            status=account.status,
            opened_on=account.opened_on,
            closed_on=account.closed_on,
            balance=decimal_string(account.minor, account.currency),
            currency=account.currency,
            as_of=account.as_of,
        )
