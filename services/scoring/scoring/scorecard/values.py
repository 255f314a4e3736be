"""What a scorecard can ask of a customer: the features, by name."""

from typing import NamedTuple


class Values(NamedTuple):
    """What is known of a customer at one moment, one value a feature; None where nothing can be said.

    Money in minor units of the bank's own currency. The names of the fields are the names of the features.
    """

    average_balance: float
    """Mean balance with a half-life of 90 days."""
    investments: float
    """Deposits, wealth products, funds and insurance held."""
    turnover: float
    """Credits and debits a month, with a half-life of 90 days."""
    activity_week: float | None
    """The customer's own postings: the rate at 7 days against the rate at 90."""
    activity_month: float | None
    """The same at 30 days against 90."""
    active_days: float
    """Days with a posting of the customer's own among the last 90."""
    products: float
    """Active products held."""
    inflow_share: float | None
    """Credits in all turnover, with a half-life of 90 days."""
    balance_trend: float | None
    """Mean balance at 30 days against the mean at 90."""
    penalty_interest: float
    """Times penalty interest was charged, with a half-life of 365 days."""
    overdrafts: float
    """Debits that left an account below zero, with a half-life of 365 days."""
    monthly_assets: float = 0.0
    """Average daily assets of the month before: balances, deposits, wealth products, funds and insurance, no loans."""
    loan_class: float | None = None
    """The worst class of the customer's loans, from 0, normal, to 4, loss; None without a loan."""
