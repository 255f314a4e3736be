"""An error as its kind and place, never its text: asyncpg's says `Key (phone)=(138…) already exists`."""

import traceback
from pathlib import PurePath

from rapport.errors import sqlstate

_FRAMES = 12
_CHAIN = 5


def kind(error: BaseException) -> str:
    """The class of an error, with the SQLSTATE where a database raised it: `IntegrityError 23505`."""
    code = sqlstate(error)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def chain(error: BaseException) -> list[str]:
    """The kinds of an error and of what caused it, the outermost first."""
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < _CHAIN:
        kinds.append(kind(cause))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return kinds


def frames(error: BaseException) -> list[str]:
    """Where it happened: `poll.py:97 _apply`, the innermost last: frames of our code, and the last whosever it is.

    Code has no personal data in its names.
    """
    stack = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in stack[:-1] if "site-packages" not in frame.filename]
    shown = [*ours[-_FRAMES:], *stack[-1:]]
    return [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in shown]
