"""How quiet a bank may be before its feed counts as stopped, as people write and review it: a JSON document."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field

from churn_alert.feed.domain.hearing import FeedRules, PartitionRules
from rapport.documents import Part, VersionDocument
from rapport.documents import read_document as read
from rapport.events.bank import InteractionRecorded, TransactionRecorded

PUBLISHED = Path(__file__).parent / "published" / "feed-2.json"
ACTIVITY = {event.name: event for event in (TransactionRecorded, InteractionRecorded)}
_TOPICS = "|".join(ACTIVITY)


class PartitionsDocument(Part):
    """When one partition counts as stopped, though the others are heard."""

    times_own_gap: float = Field(
        ge=1,
        le=100,
        description="Quiet for more than `quiet_hours`, and so many times its own longest ordinary gap",
    )
    least_customers: int = Field(
        ge=2, le=48, description="Heard of within four weeks; where there are fewer their silence may be their own"
    )
    least_days: int = Field(ge=1, le=28, description="For so long it is to be known what is usual of it")

    def rules(self) -> PartitionRules:
        """The same as the rules take it."""
        return PartitionRules(self.times_own_gap, self.least_customers, timedelta(days=self.least_days))


class FeedRulesDocument(VersionDocument):
    """One version, complete."""

    model_config = ConfigDict(json_schema_extra={"example": json.loads(PUBLISHED.read_bytes())})

    quiet_hours: dict[Annotated[str, Field(pattern=rf"^({_TOPICS})$")], Annotated[int, Field(ge=1, le=744)]] = Field(
        min_length=1,
        description="By topic of activity: for so long nothing at all may come of the whole bank. A topic that the bank"
        " gives up, or tells now and then, is left out",
    )
    settle_minutes: int = Field(
        ge=0, le=10_080, description="Once something comes again, for so long it is not believed to be all"
    )

    partitions: PartitionsDocument | None = Field(
        None, description="By which each partition is judged by itself; without it only the whole bank is"
    )

    def rules(self) -> FeedRules:
        """The same as the rules take it."""
        quiet = {topic: timedelta(hours=hours) for topic, hours in self.quiet_hours.items()}
        own = self.partitions.rules() if self.partitions else None
        return FeedRules(self.version, quiet, timedelta(minutes=self.settle_minutes), own)


def read_feed_rules(path: Path | None = None) -> FeedRulesDocument:
    """The document at `path`, or the published one. Raises DocumentInvalid, which names the field at fault."""
    return read(path or PUBLISHED, FeedRulesDocument, noun="feed rules")
