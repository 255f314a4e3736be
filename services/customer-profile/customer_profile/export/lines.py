"""Customers as lines of a file: CSV (RFC 4180) for people, NDJSON for programs. What is in them was masked before."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from customer_profile.customer.api.views import CUSTOMER, CustomerView
from customer_profile.customer.identity import MaskedIdentity
from customer_profile.export.domain import Format

MEDIA_TYPES: Mapping[Format, str] = {"csv": "text/csv; charset=utf-8; header=present", "ndjson": "application/x-ndjson"}
_IDENTITY = tuple(field.name for field in fields(MaskedIdentity))
COLUMNS = tuple(
    column for name in CustomerView.model_fields for column in (_IDENTITY if name == "identity" else (name,))
)
# Excel takes a file without it for the code page of the machine, and every Chinese name for rubbish.
_BOM = "\ufeff"
# What a spreadsheet would begin a formula with (OWASP, CSV injection), in both widths.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def head_of(form: Format) -> bytes:
    """What comes before the first customer: of CSV the names of the columns."""
    return (_BOM + _csv([COLUMNS])).encode() if form == "csv" else b""


def lines_of(form: Format, customers: Iterable[CustomerView]) -> bytes:
    """These customers, a line each: of NDJSON what `GET /customers` shows, of CSV the same in columns."""
    if form == "ndjson":
        return "".join(customer.model_dump_json() + "\n" for customer in customers).encode()
    return _csv(_cells(customer.model_dump(mode="json")) for customer in customers).encode()


def example_of(form: Format) -> str:
    """What the API document shows."""
    return (head_of(form) + lines_of(form, [CustomerView.model_validate(CUSTOMER)])).decode()


def _cells(shown: dict[str, Any]) -> list[str]:
    flat = shown | (shown["identity"] or {})
    return [cell(flat.get(column)) for column in COLUMNS]


def cell(value: Any) -> str:
    """A value as a cell: several are parted by a space, and what would be a formula has an apostrophe before it."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return cell(" ".join(value))
        case dict():
            return cell(" ".join(f"{name}={one}" for name, one in value.items()))
        case _:
            text = str(value)
            return f"'{text}" if text.startswith(_FORMULA) else text


def _csv(rows: Iterable[Iterable[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()
