"""A bank's customers as the fit takes them, whatever they come from: what each did, in order, and how it turned."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from churn_alert.risk.domain.behaviour import Bank as Rulebook
from churn_alert.risk.domain.behaviour import Risk, fold_negative_feedback, fold_posting, fold_use
from churn_alert.risk.facts import posting_of
from rapport.events.bank import FeedbackSubmitted, InteractionRecorded, TransactionRecorded
from rapport.events.feedback import FeedbackClassified


class Told(NamedTuple):
    """An event and when the bank told it, which may be days after what it is dated."""

    at: datetime
    event: Any


Outcome = Callable[[str, datetime, int], bool | None]
"""Whether a customer drifted away within so many days after a moment; None where that cannot be said."""


class Book(NamedTuple):
    """`drifts`: the outcome by label; most sources have one, Berka has four. Day 0 is that of `start`."""

    name: str
    rulebook: Rulebook
    lives: Mapping[str, Sequence[Told]]
    start: datetime
    days: int
    drifts: Mapping[str, Outcome]

    def day(self, index: int) -> datetime:
        """The midnight at which the day of that index begins."""
        return self.start + timedelta(days=index)


def fold(risk: Risk, event: Any, rulebook: Rulebook) -> None:
    """As the service folds; a complaint, or one or two stars, is what the feedback service calls negative."""
    match event:
        case TransactionRecorded():
            fold_posting(risk, posting_of(event, rulebook), rulebook.zone)
        case InteractionRecorded():
            fold_use(risk, event.occurred_at, rulebook.zone)
        case FeedbackSubmitted(kind="complaint") | FeedbackSubmitted(rating=1 | 2):
            fold_negative_feedback(risk, event.submitted_at)
        case FeedbackClassified(sentiment="negative"):
            fold_negative_feedback(risk, event.submitted_at)


def is_own(event: Any) -> bool:
    """What the customer did, and did not have taken back: a posting or a use of a channel."""
    match event:
        case TransactionRecorded(initiator="customer", reverses=None) | InteractionRecorded():
            return True
    return False
