"""Normal ranges as people write and review them: JSON documents, one a version."""

import json
from datetime import date, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from churn_alert.risk.domain.normal import NormalRanges, NormalRangesInvalid

PUBLISHED = Path(__file__).parent / "published" / "normal-ranges-1.json"


class NormalRangesDocument(BaseModel):
    """One version: how far from what is usual for a customer is still normal for that customer."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        json_schema_extra={"example": json.loads(PUBLISHED.read_bytes())},
    )

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", examples=["own-normal"])
    version: int = Field(ge=1, examples=[1])
    author: str = Field(min_length=1, max_length=120)
    reason: str = Field(min_length=1, max_length=1000)
    effective_from: date
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


def read_ranges(path: Path | None = None) -> NormalRangesDocument:
    """The document at `path`, or the published one. Raises NormalRangesInvalid, which names the field at fault."""
    source = path or PUBLISHED
    try:
        return NormalRangesDocument.model_validate_json(source.read_bytes())
    except OSError as fault:
        raise NormalRangesInvalid(f"normal ranges {source.name}: cannot be read") from fault
    except ValidationError as fault:
        error = fault.errors()[0]
        field = ".".join(str(part) for part in error["loc"])
        raise NormalRangesInvalid(f"normal ranges {source.name}: {field}: {error['msg']}") from fault
