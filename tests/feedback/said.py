"""Feedback as channels submit it, for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from feedback.case.domain.lifecycle import Submission
from rapport.events.bank import FeedbackSubmitted
from rapport.events.scoring import TierChanged
from rapport.messaging.records import RawRecord
from tests.support.delivering import Delivering

MONDAY = datetime(2025, 3, 3, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
WORDS = "转账手续费被重复收取 twice, card 6222020200012345678"


def submission(number: int = 1, **changes: Any) -> Submission:
    """A complaint, unless told otherwise."""
    said: dict[str, Any] = {
        "case_id": UUID(int=number),
        "customer_id": "c-1",
        "channel": "mobile",
        "kind": "complaint",
        "rating": None,
        "language": "zh",
        "product": None,
        "unit": None,
        "submitted_at": MONDAY,
        "text": WORDS,
    }
    return Submission(**{**said, **changes})


def submitted(customer_id: str = "c-1", **changes: Any) -> FeedbackSubmitted:
    """The event of a complaint, unless told otherwise."""
    said: dict[str, Any] = {"channel": "mobile", "kind": "complaint", "text": WORDS, "submitted_at": MONDAY}
    return FeedbackSubmitted(customer_id=customer_id, **{**said, **changes})


def tier_changed(customer_id: str = "c-1", tier: str = "high", revision: int = 1, **fields: Any) -> TierChanged:
    """The event of a tier decision."""
    return TierChanged.model_validate(
        {
            "customer_id": customer_id,
            "old_tier": None,
            "tier": tier,
            "points": 700,
            "points_by_dimension": {"value": 700},
            "reasons": (),
            "scorecard_version": 1,
            "decided_at": MONDAY,
            "revision": revision,
        }
        | fields
    )


def record(service: Delivering, event: FeedbackSubmitted | TierChanged, identifier: str | None = None) -> RawRecord:
    """The event as the next record of its partition, at its own time."""
    moment = event.submitted_at if isinstance(event, FeedbackSubmitted) else event.decided_at
    return service.feed.record(event, time=moment, identifier=identifier)


async def hear(service: Delivering, *events: FeedbackSubmitted | TierChanged) -> None:
    """One poll with these events."""
    await service.deliver(*(record(service, event) for event in events))
