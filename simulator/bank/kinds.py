"""The kinds of posting the simulated bank books, and who starts each.

Only `customer` is behaviour; what the employer, the bank or a standing order books is `automatic`.
"""

from typing import Literal, NamedTuple


class Kind(NamedTuple):
    """A kind of posting; `json` is the part of the record that it fixes."""

    code: str
    initiator: Literal["customer", "automatic"]
    json: str


def _kind(code: str, initiator: Literal["customer", "automatic"], channel: str, counterparty: str) -> Kind:
    fixed = f'"kind":"{code}","initiator":"{initiator}","channel":"{channel}","counterparty_class":"{counterparty}"'
    return Kind(code, initiator, fixed)


SALARY = _kind("salary", "automatic", "batch", "employer")
PENSION = _kind("pension", "automatic", "batch", "state")
ALLOWANCE = _kind("allowance", "automatic", "transfer", "family")
SETTLEMENT = _kind("merchant-settlement", "automatic", "batch", "acquirer")
TRANSFER_IN = _kind("transfer-in", "automatic", "transfer", "person")
INTEREST = _kind("interest", "automatic", "batch", "bank")
PENALTY_INTEREST = _kind("penalty-interest", "automatic", "batch", "bank")
RENT = _kind("rent", "automatic", "batch", "person")
UTILITY = _kind("utility", "automatic", "batch", "utility")
HOUSEHOLD = _kind("household", "automatic", "batch", "merchant")
PREMIUM = _kind("insurance-premium", "automatic", "batch", "insurer")
REPAYMENT = _kind("loan-repayment", "automatic", "batch", "bank")
SAVE = _kind("savings-plan", "automatic", "batch", "own-account")

CARD = _kind("card-purchase", "customer", "card", "merchant")
QR = _kind("qr-payment", "customer", "mobile", "merchant")
WITHDRAWAL = _kind("cash-withdrawal", "customer", "atm", "cash")
DEPOSIT = _kind("cash-deposit", "customer", "counter", "cash")
TRANSFER_OUT = _kind("transfer-out", "customer", "mobile", "person")
MOVE_AWAY = _kind("transfer-out", "customer", "mobile", "other-bank")
PURCHASE = _kind("product-purchase", "customer", "mobile", "bank")
REDEMPTION = _kind("product-redemption", "customer", "mobile", "bank")
ABROAD = _kind("remittance-out", "customer", "mobile", "abroad")
EXCHANGE = _kind("transfer-out", "customer", "mobile", "exchange")
