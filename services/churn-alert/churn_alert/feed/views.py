"""Feeds as they are shown."""

from datetime import datetime

from pydantic import BaseModel, Field

from churn_alert.feed.documents import FeedRulesDocument
from churn_alert.feed.domain.hearing import Feed, State

EXAMPLE = {
    "as_of": "2026-11-27T08:00:00Z",
    "feeds": [
        {
            "topic": "transaction-recorded",
            "state": "stopped",
            "heard_until": "2026-11-26T17:42:10Z",
            "since": "2026-11-26T17:42:10Z",
        }
    ],
    "rules": FeedRulesDocument.model_config["json_schema_extra"]["example"],  # type: ignore[index]
}


class FeedView(BaseModel):
    """What customers do, by one topic, over the whole bank."""

    topic: str
    state: State = Field(
        description="`stopped`: nothing came for too long; `returning`: it came again a little while ago. In both"
        " silence is judged only as far as it was heard, partition by partition"
    )
    heard_until: datetime = Field(description="The latest that a customer did, of all that came")
    since: datetime | None = Field(description="Of a stop: from when on nothing came; else when it last came again")

    @classmethod
    def of(cls, feed: Feed) -> "FeedView":
        """The same."""
        return cls(**feed._asdict())


class FeedsView(BaseModel):
    """Those of which anything was ever heard; none in stream time, whose clock waits by itself."""

    as_of: datetime
    feeds: list[FeedView]
    rules: FeedRulesDocument
