"""From a value as a core writes it to one as the contract has it. Of what does not fit only the fault is told."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any

Convert = Callable[[Any], Any]
Tokens = Callable[[str], str]
"""The token of a core's own number."""

MISSING, MALFORMED, UNKNOWN_CODE = "missing", "malformed", "unknown-code"
# What Decimal takes beyond this no core means: `1_0`, other alphabets' digits, powers of ten that fill the memory.
_NUMBER = re.compile(r"[+-]?([0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})([eE][+-]?[0-9]{1,2})?")


class Unfit(Exception):
    """A value is not what its field takes; `fault` is a word of ours, never the value."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def text(value: Any) -> str:
    """As text without blanks around it; `true` and `false` in small letters. Nothing else than a scalar has one."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    raise Unfit(MALFORMED)


def decimal_of(*, mark: str, implied: int) -> Convert:
    """Numbers with `mark` before their fraction; or whole ones whose last `implied` digits are the fraction."""

    def convert(value: Any) -> Decimal:
        shown = text(value)
        if mark != "." and isinstance(value, str):
            # A point is then no mark: `1.500` would be one and a half where fifteen hundred is meant.
            shown = shown.replace(".", " ").replace(mark, ".")
        if _NUMBER.fullmatch(shown) is None:
            raise Unfit(MALFORMED)
        number = Decimal(shown)
        if implied and number != number.to_integral_value():
            raise Unfit(MALFORMED)
        return number.scaleb(-implied) if implied else number

    return convert


def plain(number: Decimal) -> str:
    """`100.500000` → "100.5": the zeros that a core pads with carry no meaning."""
    shown = format(number, "f")
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown) or "0"


def amount(decimal: Convert) -> Convert:
    """A sum that is not below zero."""

    def convert(value: Any) -> str:
        number = decimal(value)
        if number < 0:
            raise Unfit("negative")
        return plain(abs(number))

    return convert


def magnitude(decimal: Convert) -> Convert:
    """A sum whose sign says the direction, which another field takes."""
    return lambda value: plain(abs(decimal(value)))


def signed(decimal: Convert) -> Convert:
    """A balance."""

    def convert(value: Any) -> str:
        number = decimal(value)
        return plain(number or abs(number))

    return convert


def sign(decimal: Convert) -> Convert:
    """`+` or `-`, to be looked up among the codes."""
    return lambda value: "-" if decimal(value) < 0 else "+"


def token(tokens: Tokens) -> Convert:
    """The token of a number."""
    return lambda value: tokens(text(value))


def moment(layout: str, zone: tzinfo) -> Convert:
    """A time in UTC; one without a zone of its own is the core's. `layout`: `iso`, `epoch-ms` or one of strptime."""

    def convert(value: Any) -> datetime:
        try:
            if layout == "epoch-ms":
                return datetime.fromtimestamp(int(text(value)) / 1000, UTC)
            found = _parsed(text(value), layout)
            return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError, OSError):
            raise Unfit(MALFORMED) from None

    return convert


def day(layout: str) -> Convert:
    """A date."""

    def convert(value: Any) -> date:
        try:
            return _parsed(text(value), layout).date()
        except ValueError:
            raise Unfit(MALFORMED) from None

    return convert


def _parsed(value: str, layout: str) -> datetime:
    return datetime.fromisoformat(value) if layout == "iso" else datetime.strptime(value, layout)  # noqa: DTZ007


CONVERSIONS = ("text", "token", "amount", "magnitude", "signed", "sign", "time", "date")
