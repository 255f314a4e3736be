"""The one rule for a W3C traceparent: what a sender gives can be anything, and goes into all that is caused by it."""

import re
from typing import NamedTuple

# W3C Trace Context level 1: version 00 ends with its flags; a later one is read as far as version 00 goes.
_FORM = re.compile(
    r"(?:(00)|(?!00|ff)[0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?(1)|(?:-.*)?)"
)


class Traceparent(NamedTuple):
    """A trace, a span in it, and its flags, in hexadecimal digits."""

    trace: str
    span: str
    flags: str


def parse(text: str | None) -> Traceparent | None:
    """The parts of a traceparent; None for anything else."""
    found = _FORM.fullmatch(text) if text else None
    return Traceparent(found[2], found[3], found[4]) if found else None


def well_formed(text: str | None) -> str | None:
    """A traceparent as it may be passed on; None for anything else."""
    found = parse(text)
    return f"00-{found.trace}-{found.span}-{found.flags}" if found else None
