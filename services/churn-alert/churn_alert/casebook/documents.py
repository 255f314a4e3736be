"""How alike cases are told to be, as people write and review it: a JSON document."""

import json
from pathlib import Path
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from churn_alert.casebook.domain.likeness import PARTS, LikenessRules
from churn_alert.risk.domain.indicators import FOUR
from rapport.documents import VersionDocument, read_document

PUBLISHED = Path(__file__).parent / "published" / "likeness-1.json"
_Weight = Annotated[float, Field(ge=0, le=100)]


class LikenessDocument(VersionDocument):
    """One version, complete. The distance is the weighted mean of one a part, over the parts that are known of both."""

    model_config = ConfigDict(json_schema_extra={"example": json.loads(PUBLISHED.read_bytes())})

    weights: dict[str, _Weight] = Field(description=f"Of {', '.join(PARTS)}; 0 leaves a part out")
    most_deviations: float = Field(gt=0, le=100, description="Spreads: farther out of the own range counts as so far")
    least_indicators: int = Field(ge=1, le=len(FOUR), description="Known of both, or nothing is said of likeness")
    latest_cases: int = Field(ge=1, le=100_000, description="How many of the closed alerts are looked through")

    @model_validator(mode="after")
    def _weighs_every_part(self) -> Self:
        if set(self.weights) != set(PARTS):
            raise ValueError(f"weights: name each of {', '.join(PARTS)}")
        if sum(self.weights[name] > 0 for name in FOUR) < self.least_indicators:
            raise ValueError("weights: must be above 0 for as many indicators as least_indicators asks for")
        return self

    def rules(self) -> LikenessRules:
        """The same as the rules take it."""
        return LikenessRules(self.version, self.weights, self.most_deviations, self.least_indicators, self.latest_cases)


def read_likeness(path: Path | None = None) -> LikenessDocument:
    """The document at `path`, or the published one. Raises DocumentInvalid, which names the field at fault."""
    return read_document(path or PUBLISHED, LikenessDocument, noun="likeness of cases")
