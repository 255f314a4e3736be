"""What the bank's core, channels and staff systems tell Rapport.

Identity and free text travel in two topics only (`customer-recorded`, `feedback-submitted`), each with one reader.
"""

from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from rapport.events.base import Code, DataClass, Event, Revision, Time, Token, Unseparated
from rapport.events.money import Currency, ExchangeRate, Money, SignedAmount, minor_units

Channel = Literal[
    "branch", "atm", "counter", "mobile", "web", "card", "contact-centre", "transfer", "batch", "social", "referral"
]
ProductKind = Literal["deposit", "wealth", "fund", "insurance", "loan", "card"]
LoanClass = Literal["normal", "special-mention", "substandard", "doubtful", "loss"]
"""CBIRC, Measures for the Risk Classification of Financial Assets of Commercial Banks, 2023; the best first."""

_AHEAD = timedelta(days=366)


class BankEvent(Event):
    """Told by the bank: in stream time the topics of these events are merged by time."""

    producer: ClassVar[str] = "bank"


class DayClosed(BankEvent):
    """A business day of one source ended: nothing of it that is dated before the record's time will follow.

    Not a topic of its own: the source sends it in band, to every partition of each of its topics.
    """

    name: ClassVar[str] = "day-closed"
    subject: ClassVar[str] = "source"
    data_class: ClassVar[DataClass] = "C1"

    source: Code
    business_date: date


class OrganisationUnitChanged(BankEvent):
    """A branch, region or head-office unit, as it is now."""

    name: ClassVar[str] = "organisation-unit-changed"
    subject: ClassVar[str] = "unit"
    is_state: ClassVar[bool] = True
    data_class: ClassVar[DataClass] = "C1"

    unit: Code
    kind: Literal["branch", "region", "head-office"]
    parent: Code | None = None
    revision: Revision


class EmployeeChanged(BankEvent):
    """A member of staff by token: where, in which role, and whether still active."""

    name: ClassVar[str] = "employee-changed"
    subject: ClassVar[str] = "employee_id"
    is_state: ClassVar[bool] = True

    employee_id: Token
    unit: Code
    role: Literal["rm", "team_lead", "teller", "agent", "complaint_officer", "compliance"]
    active: bool
    revision: Revision


class ProductChanged(BankEvent):
    """A product on the bank's shelf."""

    name: ClassVar[str] = "product-changed"
    subject: ClassVar[str] = "product"
    is_state: ClassVar[bool] = True
    data_class: ClassVar[DataClass] = "C1"

    product: Code
    kind: ProductKind
    risk_grade: Literal["R1", "R2", "R3", "R4", "R5"]
    currency: Currency
    on_sale: bool
    revision: Revision


class ExchangeRateSet(BankEvent):
    """One unit of `base` costs `rate` units of `quote` from this date on."""

    name: ClassVar[str] = "exchange-rate-set"
    subject: ClassVar[str] = "base"
    data_class: ClassVar[DataClass] = "C1"

    base: Currency
    quote: Currency
    rate: ExchangeRate
    rate_date: date


class ReversedTransaction(BaseModel):
    """What a reversal takes back, complete, so that a reader needs no ledger to undo it."""

    model_config = ConfigDict(frozen=True)

    transaction_no: Token
    amount: str
    occurred_at: Time
    balance_after: SignedAmount | None = None
    """What it had left on the account: without it an overdraft that it made stays counted."""


class TransactionRecorded(Money, BankEvent):
    """A posting on an account. `automatic` means the bank or a standing order made it; only the rest is behaviour."""

    name: ClassVar[str] = "transaction-recorded"
    also_told_by: ClassVar[tuple[str, ...]] = ("customer-profile",)

    source: Code
    transaction_no: Token
    account_id: Token
    customer_id: Token
    direction: Literal["credit", "debit"]
    kind: Code
    initiator: Literal["customer", "automatic"]
    channel: Channel
    product: Code | None = None
    counterparty_class: Code | None = None
    balance_after: SignedAmount | None = None
    reverses: ReversedTransaction | None = None
    occurred_at: Time

    @model_validator(mode="after")
    def _fits_its_currency(self) -> Self:
        minor_units(self.amount, self.currency)
        if self.balance_after is not None:
            minor_units(self.balance_after, self.currency)
        if self.reverses is not None and self.reverses.amount != self.amount:
            raise ValueError("a reversal takes back the whole amount it names")
        # Cores date postings ahead, for value; a placeholder such as 9999 would move a customer's clock for ever.
        if self.reverses is not None and self.reverses.occurred_at - self.occurred_at > _AHEAD:
            raise ValueError("reverses.occurred_at: more than a year after occurred_at")
        if self.reverses is not None and self.reverses.balance_after is not None:
            minor_units(self.reverses.balance_after, self.currency)
        return self


class AccountChanged(BankEvent):
    """An account opened, changed or closed."""

    name: ClassVar[str] = "account-changed"
    also_told_by: ClassVar[tuple[str, ...]] = ("customer-profile",)

    account_id: Token
    customer_id: Token
    type: Literal["current", "savings", "wealth", "loan", "card"]
    status: Literal["open", "dormant", "frozen", "closed"]
    opened_on: date
    closed_on: date | None = None
    balance: SignedAmount
    currency: Currency
    as_of: Time

    @model_validator(mode="after")
    def _balance_fits_its_currency(self) -> Self:
        minor_units(self.balance, self.currency)
        return self


class Holding(BaseModel):
    """One product a customer holds, valued at `amount`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    product: Code
    kind: ProductKind
    amount: SignedAmount
    currency: Currency
    status: Literal["active", "matured", "closed"] = "active"
    loan_class: LoanClass | None = None

    @model_validator(mode="after")
    def _fits_its_currency(self) -> Self:
        minor_units(self.amount, self.currency)
        return self


class HoldingChanged(BankEvent):
    """All that a customer holds, as of a moment: compaction keeps the last, so each carries everything."""

    name: ClassVar[str] = "holding-changed"
    is_state: ClassVar[bool] = True

    customer_id: Token
    holdings: tuple[Holding, ...]
    as_of: Time
    revision: Revision


class InteractionRecorded(BankEvent):
    """A customer used a channel without moving money."""

    name: ClassVar[str] = "interaction-recorded"

    customer_id: Token
    kind: Literal["login", "visit", "call", "page", "product-use"]
    channel: Channel
    product: Code | None = None
    occurred_at: Time


class RiskAssessed(BankEvent):
    """How much risk a customer bears, as last assessed: C3 may buy products up to grade R3."""

    name: ClassVar[str] = "risk-assessed"
    is_state: ClassVar[bool] = True

    customer_id: Token
    risk_tolerance: Literal["C1", "C2", "C3", "C4", "C5"]
    investment_experience: Literal["none", "under-1-year", "1-3-years", "3-5-years", "over-5-years"]
    assessed_at: Time
    valid_until: date
    revision: Revision


FullName = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
IdType = Literal["resident-id", "passport", "hk-macau-permit", "taiwan-permit", "foreign-permanent-resident", "uscc"]
IdNumber = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{5,18}$"), Unseparated]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 -]{5,19}$"), Unseparated]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s]{1,185}$")]
Address = Annotated[str, StringConstraints(max_length=400)]
BirthYear = Annotated[int, Field(ge=1880, le=2100)]


class Identity(BaseModel):
    """Who a customer is. Every field is C2: never in a log, a metric, a trace, another event or an exception text."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    full_name: FullName
    id_type: IdType
    id_number: IdNumber
    phone: Phone | None = None
    email: Email | None = None
    address: Address | None = None


class CustomerRecorded(BankEvent):
    """The core's present file of a customer; read by customer-profile alone, kept 7 days."""

    name: ClassVar[str] = "customer-recorded"
    is_confidential: ClassVar[bool] = True
    model_config = ConfigDict(hide_input_in_errors=True)

    customer_id: Token
    type: Literal["personal", "corporate", "institution"] = "personal"
    identity: Identity | None = None
    birth_year: BirthYear | None = None
    gender: Literal["female", "male", "unknown"] = "unknown"
    unit: Code
    region: Code | None = None
    relationship_manager: Token | None = None
    customer_since: date
    status: Literal["active", "closed", "deceased"] = "active"
    recorded_at: Time


class FeedbackSubmitted(BankEvent):
    """What a customer said to the bank, in which channel; read by feedback alone, kept 7 days."""

    name: ClassVar[str] = "feedback-submitted"
    is_confidential: ClassVar[bool] = True
    model_config = ConfigDict(hide_input_in_errors=True)

    customer_id: Token
    channel: Channel
    kind: Literal["complaint", "enquiry", "praise", "suggestion", "rating"]
    rating: int | None = Field(default=None, ge=1, le=5)
    text: Annotated[str, StringConstraints(max_length=4000)] = ""
    language: Literal["zh", "en", "other"] = "zh"
    product: Code | None = None
    unit: Code | None = None
    submitted_at: Time
