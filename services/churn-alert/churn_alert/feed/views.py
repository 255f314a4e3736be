"""Feeds as they are shown."""

from datetime import datetime, timedelta

from pydantic import BaseModel, Field

from churn_alert.feed.documents import FeedRulesDocument
from churn_alert.feed.domain.hearing import Feed, Part, State

EXAMPLE = {
    "as_of": "2026-11-27T08:00:00Z",
    "feeds": [
        {
            "topic": "transaction-recorded",
            "state": "stopped",
            "heard_until": "2026-11-26T17:42:10Z",
            "since": "2026-11-26T17:42:10Z",
            "partitions": [],
        },
        {
            "topic": "interaction-recorded",
            "state": "live",
            "heard_until": "2026-11-27T07:59:31Z",
            "since": None,
            "partitions": [
                {
                    "partition": 3,
                    "state": "stopped",
                    "heard_until": "2026-11-25T22:10:04Z",
                    "since": "2026-11-25T22:10:04Z",
                    "quiet_hours": 18.0,
                }
            ],
        },
    ],
    "rules": FeedRulesDocument.model_config["json_schema_extra"]["example"],  # type: ignore[index]
}


class PartitionView(BaseModel):
    """One partition of a topic that is heard elsewhere."""

    partition: int
    state: State
    heard_until: datetime
    since: datetime | None
    quiet_hours: float | None = Field(
        description="For so long nothing may come of it: `quiet_hours` of the rules, or so many times its own longest"
        " ordinary gap if that is more; null once it was heard again"
    )

    @classmethod
    def of(cls, part: Part) -> "PartitionView":
        """The same."""
        hours = part.quiet / timedelta(hours=1) if part.quiet is not None else None
        return cls(
            partition=part.partition,
            state=part.state,
            heard_until=part.heard_until,
            since=part.since,
            quiet_hours=hours,
        )


class FeedView(BaseModel):
    """What customers do, by one topic, over the whole bank."""

    topic: str
    state: State = Field(
        description="`stopped`: nothing came for too long; `returning`: it came again a little while ago. In both"
        " silence is judged only as far as it was heard, partition by partition"
    )
    heard_until: datetime = Field(description="The latest that a customer did, of all that came")
    since: datetime | None = Field(description="Of a stop: from when on nothing came; else when it last came again")
    partitions: list[PartitionView] = Field(
        description="Of a topic that is live those that are stopped or returning by themselves: the silence of their"
        " customers is judged only as far as they were heard"
    )

    @classmethod
    def of(cls, feed: Feed) -> "FeedView":
        """The same."""
        parts = [PartitionView.of(part) for part in feed.parts]
        return cls(topic=feed.topic, state=feed.state, heard_until=feed.heard_until, since=feed.since, partitions=parts)


class FeedsView(BaseModel):
    """Those of which anything was ever heard; none in stream time, whose clock waits by itself."""

    as_of: datetime
    feeds: list[FeedView]
    rules: FeedRulesDocument
