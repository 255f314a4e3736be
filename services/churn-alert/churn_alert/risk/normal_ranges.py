"""Normal ranges as people write and review them: JSON documents, one a version."""

import json
from datetime import date, timedelta
from pathlib import Path

from pydantic import ConfigDict, Field

from churn_alert.risk.domain.normal import NormalRanges
from rapport import documents
from rapport.documents import VersionDocument

PUBLISHED = Path(__file__).parent / "published" / "normal-ranges-1.json"
_NOUN = "normal ranges"


class NormalRangesDocument(VersionDocument):
    """One version: how far from what is usual for a customer is still normal for that customer."""

    model_config = ConfigDict(json_schema_extra={"example": json.loads(PUBLISHED.read_bytes())})

    deviations: float = Field(ge=1, le=6, description="So many spreads from usual is still normal")
    varies: float = Field(ge=0, lt=1, description="Share of the usual by which it varies beyond chance")
    balance_varies: float = Field(gt=0, lt=1, description="The same of a balance")
    income_share: float = Field(ge=0, le=2, description="Share of a month's income by which a balance varies besides")
    least_history_days: int = Field(ge=30, le=730, description="Before, nothing is known to be normal")
    least_events: int = Field(ge=2, le=1000, description="The same of own postings, and of uses")
    usual_negatives: float = Field(
        gt=0, le=5, description="Negative feedback, decayed at 90 days, normal for who gives none"
    )

    def ranges(self) -> NormalRanges:
        """The same as the rules take it."""
        return NormalRanges(
            version=self.version,
            deviations=self.deviations,
            varies=self.varies,
            balance_varies=self.balance_varies,
            income_share=self.income_share,
            least_history=timedelta(days=self.least_history_days),
            least_events=self.least_events,
            usual_negatives=self.usual_negatives,
        )


def read_ranges(path: Path = PUBLISHED) -> NormalRangesDocument:
    """One version. Raises DocumentInvalid, which names file and fields."""
    return documents.read_document(path, NormalRangesDocument, noun=_NOUN)


def read_range_versions(own: Path | None, *, today: date) -> tuple[NormalRangesDocument, ...]:
    """Every version, the bank's own or the published one. Raises DocumentInvalid, which names file and fields."""
    return documents.read_versions(own, NormalRangesDocument, noun=_NOUN, published=[PUBLISHED], today=today)
