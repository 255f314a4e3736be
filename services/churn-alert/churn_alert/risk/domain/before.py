"""What a file that is merged into another was like before it was heard of again, if that came after too long a silence.

An event on such a file is folded at once by whoever holds that file, and the person is decided later. By then the sum
shows nothing of a silence that ended with it, though that had brought the person to the threshold: so what silence
brought before it is looked for on this.
"""

from datetime import datetime
from typing import NamedTuple

from churn_alert.risk.domain.behaviour import Risk


class Before(NamedTuple):
    """`state`: of the file before the event that ended the silence, which counts from `at`."""

    at: datetime
    state: Risk


def as_it_was(file: Risk, at: datetime, *, with_events_of_it: bool) -> Risk:
    """The file as it was at a moment, as far as that is known; whether events of that very moment are in it."""
    kept: Before | None = file.before
    if kept is None or kept.at < at or (with_events_of_it and kept.at == at):
        return file
    return kept.state
