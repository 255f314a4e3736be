"""The door of delivery: of a record that holds authentication data (class C3) only its place is let in.

So neither a table, nor an archive, nor the topic of dead letters ever has it. What is left says where it was.
"""

import re
from dataclasses import replace

from rapport.messaging.records import RawRecord, Withheld
from rapport.privacy.authentication_data import Found, find_in_bytes, may_hold

_HEADER = "withheld"
# As `let_in` writes it. A producer may send such a header too: then this form is all that it can say.
_FORM = re.compile(r"(?P<kind>[a-z-]{3,20}) (?P<field>(?:/(?:[A-Za-z][A-Za-z0-9_-]{0,39}|[0-9]{1,7}|\?)){1,60})")


def let_in(raw: RawRecord) -> RawRecord:
    """The record as it may be kept: itself, or without key, value and headers."""
    cells = [cell for _, cell in raw.headers if cell]
    cells += (raw.key or b"", raw.value or b"")
    if not may_hold(b"\n".join(cells)):
        return raw
    found = _find(raw)
    if found is None:
        return raw
    told = f"{found.kind} {found.pointer}".encode()
    return replace(raw, key=None, value=None, headers=[(_HEADER, told)])


def withheld(raw: RawRecord) -> Withheld | None:
    """What was found in a record of which only its place was let in, and where."""
    if raw.value is not None:
        return None
    told = next((value for name, value in raw.headers if name == _HEADER), None)
    match = None if told is None else _FORM.fullmatch(told.decode("utf-8", "replace"))
    return None if match is None else Withheld(match["field"], match["kind"])


def _find(raw: RawRecord) -> Found | None:
    headers = [(f"/headers/{number}", value) for number, (_, value) in enumerate(raw.headers)]
    for place, cell in (("/key", raw.key), ("/data", raw.value), *headers):
        if cell and (found := find_in_bytes(cell)):
            return Found(place + found.pointer, found.kind)
    return None
