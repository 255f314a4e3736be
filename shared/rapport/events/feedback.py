"""What feedback tells: how a case is classified, where it stands, and when an answer is late."""

from typing import ClassVar, Literal

from rapport.events.bank import Channel
from rapport.events.base import Event, Time, Token


class FeedbackClassified(Event):
    """What kind of feedback it was and how the customer felt; never the words."""

    name: ClassVar[str] = "feedback-classified"
    producer: ClassVar[str] = "feedback"

    customer_id: Token
    case_id: str
    kind: Literal["complaint", "enquiry", "praise", "suggestion", "rating"]
    sentiment: Literal["negative", "neutral", "positive"]
    severity: Literal["low", "medium", "high"]
    channel: Channel
    submitted_at: Time


class CaseChanged(Event):
    """A case was opened, responded to, resolved or reopened."""

    name: ClassVar[str] = "case-changed"
    producer: ClassVar[str] = "feedback"

    customer_id: Token
    case_id: str
    status: Literal["opened", "responded", "resolved", "reopened"]
    priority: Literal["urgent", "high", "normal"]
    changed_at: Time


class ResponseOverdue(Event):
    """A 24-hour clock of a case ran out before the case was answered or resolved."""

    name: ClassVar[str] = "response-overdue"
    producer: ClassVar[str] = "feedback"

    customer_id: Token
    case_id: str
    clock: Literal["respond", "resolve"]
    due_at: Time
