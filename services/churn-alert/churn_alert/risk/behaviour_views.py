"""What is answered about a customer's behaviour: how often, for how much, in which channel, and whether it wanes."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from churn_alert.risk.domain.tallies import Tally
from rapport.events.money import decimal_string
from rapport.privacy.showing import Hideable

PACE: dict[str, Any] = {
    "times": 183,
    "amount": "21480.00",
    "a_month": 9.2,
    "amount_a_month": "1130.50",
    "trend": 0.48,
    "first_at": "2024-12-28T02:00:00Z",
    "last_at": "2025-09-30T18:20:44Z",
}


class Scale(BaseModel):
    """As of when paces are read, and in which currency; no part of an answer."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    currency: str


class Pace(BaseModel):
    """How often and for how much; what was booked back is taken out."""

    model_config = ConfigDict(json_schema_extra={"example": PACE})

    times: int = Field(description="Since ever")
    amount: str = Field(description="Moved either way, since ever; money of other currencies is none")
    a_month: float = Field(description="How often a month, by the last quarter")
    amount_a_month: str
    trend: float | None = Field(description="The pace of the last month over that of the last quarter: 1 is as before")
    first_at: datetime
    last_at: datetime

    @classmethod
    def of(cls, tally: Tally, scale: Scale) -> Self:
        """A tally as it is by then."""
        times, minor = tally.a_month(scale.at)
        return cls(
            times=tally.times,
            amount=decimal_string(tally.minor, scale.currency),
            a_month=times,
            amount_a_month=decimal_string(round(minor), scale.currency),
            trend=tally.trend(scale.at),
            first_at=tally.first_at,
            last_at=tally.last_at,
        )


class ChannelShare(BaseModel):
    """Which share of what the customer does goes through a channel, by the pace of the last quarter."""

    channel: str
    share: float


class ProductBehaviour(BaseModel):
    """What is done on one product; `product` is null where postings and uses name none."""

    product: str | None
    own: Pace | None = Field(description="Postings that the customer made")
    automatic: Pace | None = Field(description="Postings that the bank, an employer or a standing order made")
    uses: Pace | None = Field(description="Uses without money moving")
    channels: list[ChannelShare] = Field(description="What the customer does of this product, the most used first")


class ChannelBehaviour(BaseModel):
    """What the customer does in one channel."""

    channel: str
    own: Pace | None
    uses: Pace | None


class ServiceBehaviour(BaseModel):
    """One kind of contact in one channel: logins, visits, calls, pages, uses of products."""

    kind: str
    channel: str
    uses: Pace


class AccountBehaviour(BaseModel):
    """One account. The means are of half-life 30 and 365 days; both are null without a balance that counts."""

    account_id: str = Field(description="A token, never the account's number")
    type: str | None
    status: str | None
    balance: str | None = Field(description="As told last")
    balance_of_late: str | None
    balance_of_the_year: str | None
    net_flow_a_month: str = Field(description="What came less what went, by the last 30 days")
    own: Pace | None
    automatic: Pace | None


class AccountsPart(Hideable):
    """The accounts, for whoever may see balances."""

    items: tuple[AccountBehaviour, ...] = ()


class HeldView(BaseModel):
    """The products held now, and the most that were ever held at once."""

    products: list[str]
    most: int
    as_of: datetime


class BehaviourView(BaseModel):
    """A customer's behaviour as it is at `as_of`, on the sum over all files."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "customer_id": "c-4f1d8a",
                "merged_into": None,
                "files": ["c-4f1d8a"],
                "is_withheld": False,
                "own": PACE,
                "automatic": None,
                "products": [
                    {
                        "product": None,
                        "own": PACE,
                        "automatic": None,
                        "uses": None,
                        "channels": [{"channel": "card", "share": 1.0}],
                    }
                ],
                "channels": [{"channel": "card", "own": PACE, "uses": None}],
                "services": [{"kind": "login", "channel": "mobile", "uses": PACE}],
                "accounts": {"is_hidden": False, "items": []},
                "held": {"products": ["DEP-1"], "most": 2, "as_of": "2025-09-30T00:00:00Z"},
                "currency": "CNY",
                "as_of": "2025-10-03T07:00:00Z",
            }
        }
    )

    customer_id: str
    merged_into: str | None = Field(description="The file by which the customer is known, where this one was merged")
    files: list[str] = Field(description="Those that the caller sees; everything here is on the sum of all")
    is_withheld: bool = Field(description="The customer refused such care or the relationship is restricted: empty")
    own: Pace | None = Field(description="All postings that the customer made")
    automatic: Pace | None = Field(description="All postings that others made")
    products: list[ProductBehaviour]
    channels: list[ChannelBehaviour]
    services: list[ServiceBehaviour]
    accounts: AccountsPart
    held: HeldView | None
    currency: str
    as_of: datetime
