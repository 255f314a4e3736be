"""How quiet a bank may be before its feed counts as stopped, as people write and review it: a JSON document."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field

from churn_alert.feed.domain.hearing import FeedRules
from rapport.documents import VersionDocument
from rapport.documents import read_document as read
from rapport.events.bank import InteractionRecorded, TransactionRecorded

PUBLISHED = Path(__file__).parent / "published" / "feed-1.json"
ACTIVITY = {event.name: event for event in (TransactionRecorded, InteractionRecorded)}
_TOPICS = "|".join(ACTIVITY)


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

    def rules(self) -> FeedRules:
        """The same as the rules take it."""
        quiet = {topic: timedelta(hours=hours) for topic, hours in self.quiet_hours.items()}
        return FeedRules(self.version, quiet, timedelta(minutes=self.settle_minutes))


def read_feed_rules(path: Path | None = None) -> FeedRulesDocument:
    """The document at `path`, or the published one. Raises DocumentInvalid, which names the field at fault."""
    return read(path or PUBLISHED, FeedRulesDocument, noun="feed rules")
