"""What feedback amounts to: how the customer feels, how grave it is, whether an answer is owed, and how urgently.

Each rule is a pure function of what was said and, for the priority alone, of the customer's tier at that moment.
"""

from dataclasses import dataclass
from typing import Literal

from rapport.errors import DomainError

Kind = Literal["complaint", "enquiry", "praise", "suggestion", "rating"]
Sentiment = Literal["negative", "neutral", "positive"]
Severity = Literal["low", "medium", "high"]
Priority = Literal["urgent", "high", "normal"]

_UNHAPPY = 2
"""One or two of five: the bottom-two box of a five-point scale."""
_SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high")
_PRIORITIES: tuple[Priority, ...] = ("normal", "high", "urgent")


class RatingMissing(DomainError):
    """Feedback of the kind `rating` carries no rating: it says nothing."""

    def __init__(self) -> None:
        super().__init__("rating: is required when kind is rating")


@dataclass(frozen=True, slots=True)
class Assessment:
    """How feedback is classified. Without an answer owed it is kept, and nobody's clock runs."""

    sentiment: Sentiment
    severity: Severity
    is_answer_owed: bool


def assess(kind: Kind, rating: int | None) -> Assessment:
    """Classify feedback. Raises RatingMissing for a rating without one.

    A complaint is an expression of dissatisfaction by definition (ISO 10002), whatever stars came with it; else the
    rating says how the customer feels, and without one the kind does. Complaints, enquiries, suggestions and whatever
    was rated 1 or 2 are owed an answer; praise and a rating of 3 or more are not.
    """
    if kind == "rating" and rating is None:
        raise RatingMissing
    is_unhappy = rating is not None and rating <= _UNHAPPY
    is_answer_owed = is_unhappy or kind in {"complaint", "enquiry", "suggestion"}
    steps = (kind == "complaint") + is_unhappy
    return Assessment(_sentiment(kind, rating), _SEVERITIES[steps], is_answer_owed)


def _sentiment(kind: Kind, rating: int | None) -> Sentiment:
    match kind, rating:
        case "complaint", _:
            return "negative"
        case _, 1 | 2:
            return "negative"
        case (_, 4 | 5) | ("praise", None):
            return "positive"
        case _:
            return "neutral"


def priority_of(kind: Kind, severity: Severity, *, is_top: bool) -> Priority:
    """How soon a case is taken up: a step for each of severity, one more for an enquiry or the like of the top tier.

    The tier orders the queue and nothing else: every case has the same clocks, and a complaint (fair treatment of
    consumers) has the same priority whoever complains.
    """
    steps = _SEVERITIES.index(severity)
    if is_top and kind != "complaint":
        steps += 1
    return _PRIORITIES[min(steps, 2)]
