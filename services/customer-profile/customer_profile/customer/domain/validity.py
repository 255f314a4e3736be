"""What an identity must be: the normal form of each field, and the rule of each kind of paper.

The rules are those of python-stdnum, phonenumbers and email-validator where these have one. A fault names the rule that
is broken and never repeats the value.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum import numdb
from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidChecksum, ValidationError

Rule = Literal["form", "check-digit", "birth-date", "province", "phone", "email"]
RULES: Mapping[Rule, str] = {
    "form": "does not have the form of a number of this kind of paper",
    "check-digit": "has a check digit that does not fit the rest",
    "birth-date": "holds a day of birth that is in no calendar",
    "province": "begins with the code of no province",
    "phone": "is no telephone number of any country; one from abroad begins with + and the country's code",
    "email": "is no e-mail address",
}
_COUNTRY = "CN"
_RESIDENT = re.compile(r"[0-9]{17}[0-9X]")
# 82: Macau, 83: Taiwan, as 81 for Hong Kong, are of residence permits, whose numbers follow GB 11643 too; the library's
# table lacks 83.
_OF_PERMITS = {"81", "82", "83"}
_PASSPORT = re.compile(r"(?=.*[0-9])[A-Z0-9]{5,15}")  # ICAO Doc 9303: nine, and where a state has more, the rest
_HK_MACAU = re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?")  # the last two, of cards before 2013: how often it was renewed
_TAIWAN = re.compile(r"[0-9]{8}|[0-9]{10}[A-Z]?")  # eight since 2015
_FOREIGN_OF_2017 = re.compile(r"[A-Z]{3}[0-9]{12}")
_FOREIGN_OF_2023 = re.compile(r"9[0-9]{16}[0-9X]")


class _Broken(Exception):
    def __init__(self, rule: Rule) -> None:
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Checked:
    """An identity in its normal form. `faults`: field → the rule it breaks; such a field is kept as it was told, the
    letters of a number in upper case.
    """

    identity: Mapping[str, str | None]
    faults: Mapping[str, Rule]


def checked(identity: Mapping[str, str | None]) -> Checked:
    """Each field in the form it is kept in, and what is wrong with it. A number is judged by `id_type` beside it."""
    normal, faults = dict(identity), {}
    if number := identity.get("id_number"):
        normal["id_number"] = number.upper()
    for field, rule in _FIELDS.items():
        value = normal.get(field)
        if value is None:
            continue
        try:
            normal[field] = rule(value, identity.get("id_type"))
        except _Broken as broken:
            faults[field] = broken.rule
    return Checked(normal, faults)


def normal(field: str, value: str) -> str:
    """A number or a phone in the form it is kept in, valid or not: a core's may be neither and must be found."""
    return checked({field: value}).identity[field] or ""


def _number(number: str, kind: str | None) -> str:
    if rule := _PAPERS.get(kind or ""):  # without a kind the identity is incomplete, which is refused as such
        rule(number)
    return number


def _resident(number: str) -> None:
    """GB 11643. 15 digits are of cards that ceased to be valid on 1 January 2013 (Resident Identity Card Law, 2011).

    Not `ric.validate`: it wants a county that existed in the year of birth, but cards were first issued in 1984, and
    with the counties of that day; and it knows no county in provinces 71, 81, 82 and 83.
    """
    _matches(_RESIDENT, number)
    _born(number)
    if number[:2] not in _OF_PERMITS and not numdb.get("cn/loc").info(number[:2])[0][1]:
        raise _Broken("province")


def _born(number: str) -> None:
    """ISO 7064 MOD 11-2 over all 18, the day of birth in places 7 to 14."""
    if ric.calc_check_digit(number) != number[-1]:
        raise _Broken("check-digit")
    try:
        ric.get_birth_date(number)
    except ValidationError:
        raise _Broken("birth-date") from None


def _foreign(number: str) -> None:
    """15 until 2023, of which no check is published; 18 since, built like a resident's behind a leading 9."""
    if _FOREIGN_OF_2017.fullmatch(number):
        return
    _matches(_FOREIGN_OF_2023, number)
    _born(number)


def _company(number: str) -> None:
    """GB 32100."""
    try:
        uscc.validate(number)
    except InvalidChecksum:
        raise _Broken("check-digit") from None
    except ValidationError:
        raise _Broken("form") from None


def _formed(pattern: re.Pattern[str]) -> Callable[[str], None]:
    return lambda number: _matches(pattern, number)


def _matches(pattern: re.Pattern[str], number: str) -> None:
    if not pattern.fullmatch(number):
        raise _Broken("form")


_PAPERS: Mapping[str, Callable[[str], None]] = {
    "resident-id": _resident,
    "passport": _formed(_PASSPORT),
    "hk-macau-permit": _formed(_HK_MACAU),
    "taiwan-permit": _formed(_TAIWAN),
    "foreign-permanent-resident": _foreign,
    "uscc": _company,
}


def _phone(value: str, _: str | None) -> str:
    """E.164; without a country's code it is of China."""
    try:
        number = phonenumbers.parse(value, _COUNTRY)
    except phonenumbers.NumberParseException:
        raise _Broken("phone") from None
    if not phonenumbers.is_valid_number(number):
        raise _Broken("phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _email(value: str, _: str | None) -> str:
    """The form alone: whether a mailbox is there is asked of nobody."""
    try:
        return validate_email(value, check_deliverability=False).normalized
    except EmailNotValidError:
        raise _Broken("email") from None


_FIELDS: Mapping[str, Callable[[str, str | None], str]] = {"id_number": _number, "phone": _phone, "email": _email}
