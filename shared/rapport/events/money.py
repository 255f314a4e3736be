"""Money on the wire: a decimal string and an ISO 4217 code; inside, an integer of minor units.

A float never carries money. What cannot be a sum of money in its currency is refused with a reason.
"""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, StringConstraints, model_validator

# ISO 4217:2015 list one, active currencies, by the number of minor-unit digits.
_TWO_DIGITS = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC "
    "CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR "
    "JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD "
    "NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
    "SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW"
)
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
MINOR_DIGITS: dict[str, int] = {
    **dict.fromkeys(_TWO_DIGITS.split(), 2),
    **dict.fromkeys(_NO_DIGITS.split(), 0),
    **dict.fromkeys(_THREE_DIGITS.split(), 3),
}

Amount = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,14})(\.[0-9]{1,3})?$")]
"""A sum that is not negative, as a decimal string; the direction of a transaction is a field of its own."""

SignedAmount = Annotated[str, StringConstraints(pattern=r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,3})?$")]
"""A balance: may be below zero."""

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


def _above_zero(rate: str) -> str:
    if not rate.strip("0."):
        raise ValueError("must be above zero")
    return rate


ExchangeRate = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,8})?$"), AfterValidator(_above_zero)]
"""What one unit of a currency costs in another, as a decimal string."""


def minor_units(amount: str, currency: str) -> int:
    """`("12.30", "CNY")` → 1230. Raises ValueError for an unknown currency or more digits than it has."""
    digits = MINOR_DIGITS.get(currency)
    if digits is None:
        raise ValueError("currency is not an active ISO 4217 code")
    whole, _, fraction = amount.partition(".")
    if len(fraction) > digits:
        raise ValueError(f"amount has {len(fraction)} decimal digits, {currency} has {digits}")
    return int(whole + fraction.ljust(digits, "0"))


def decimal_string(minor: int, currency: str) -> str:
    """`(1230, "CNY")` → "12.30"; the inverse of `minor_units`."""
    digits = MINOR_DIGITS[currency]
    return str(Decimal(minor).scaleb(-digits).quantize(Decimal(1).scaleb(-digits)))


class Money(BaseModel):
    """A sum with its currency, checked together; mixed into an event that carries `amount` and `currency`."""

    amount: Amount
    currency: Currency

    @model_validator(mode="after")
    def _fits_its_currency(self) -> Self:
        minor_units(self.amount, self.currency)
        return self

    @property
    def minor(self) -> int:
        """The sum in minor units."""
        return minor_units(self.amount, self.currency)
