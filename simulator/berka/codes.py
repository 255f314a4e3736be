"""What the bank's Czech codes mean: direction, kind and who started a posting.

A customer starts what is done at a counter, at a machine or with a card. Interest, fees, standing orders and whatever
others send are automatic: in these files every transfer out matches a standing order, and every transfer in without a
symbol comes from one partner on the same day of each month, as wages do.
"""

from typing import Literal, NamedTuple

Direction = Literal["credit", "debit"]
Initiator = Literal["customer", "automatic"]
Channel = Literal["counter", "card", "batch", "transfer"]

DIRECTIONS: dict[str, Direction] = {"PRIJEM": "credit", "VYDAJ": "debit", "VYBER": "debit"}
"""Income, expense, and withdrawal in cash, which is an expense too."""

_BY_SYMBOL = {
    "UROK": "interest",
    "SANKC. UROK": "penalty-interest",
    "SLUZBY": "statement-fee",
    "SIPO": "household",
    "POJISTNE": "insurance-premium",
    "UVER": "loan-repayment",
    "LEASING": "leasing",
    "DUCHOD": "pension",
}
_BANKS_OWN = {"UROK", "SANKC. UROK", "SLUZBY"}


class Meaning(NamedTuple):
    """A posting's codes in the words of the contract."""

    kind: str
    initiator: Initiator
    channel: Channel
    counterparty: str


def meaning(operation: str, symbol: str, *, is_ordered: bool) -> Meaning:
    """The meaning of a pair of codes; `is_ordered`: a standing order of the account asks for just this transfer.

    Raises ValueError for an operation that is not in the bank's list.
    """
    if symbol in _BANKS_OWN:
        return Meaning(_BY_SYMBOL[symbol], "automatic", "batch", "bank")
    match operation:
        case "VKLAD":
            return Meaning("cash-deposit", "customer", "counter", "cash")
        case "VYBER":
            return Meaning("cash-withdrawal", "customer", "counter", "cash")
        case "VYBER KARTOU":
            return Meaning("card-withdrawal", "customer", "card", "cash")
        case "PREVOD Z UCTU":
            return Meaning(_BY_SYMBOL.get(symbol, "transfer-in"), "automatic", "transfer", "other-bank")
        case "PREVOD NA UCET":
            initiator: Initiator = "automatic" if is_ordered else "customer"
            return Meaning(_BY_SYMBOL.get(symbol, "transfer-out"), initiator, "transfer", "other-bank")
    raise ValueError("operation: not one of the bank's codes")
