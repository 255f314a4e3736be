"""Errors with a meaning for all: what a rule refuses, and what is only not there yet.

They carry no status; each service maps its own to one in a table.
"""

from collections.abc import Sequence


class NotReady(Exception):
    """Something this process needs is not there: no fault of the event's, so it is tried again until it is there.

    The text says what to do about it and is shown to operators; it never holds a value of an event.
    """


class DomainError(Exception):
    """A rule refuses. Over REST a problem of the caller's; in a consumer permanent, so the event becomes a dead letter.

    The text goes into answers and dead letters: it names fields and rules, never a value that could be personal.
    `faults`: each field and the rule it breaks, where there may be several.
    """

    faults: Sequence[tuple[str, str]] = ()


def sqlstate(error: BaseException) -> str | None:
    """The five characters by which PostgreSQL names an error, also below SQLAlchemy's wrapping; None for any other."""
    for candidate in (error, getattr(error, "orig", None)):
        code = getattr(candidate, "sqlstate", None)
        if isinstance(code, str) and len(code) == 5 and code.isalnum():
            return code
    return None
