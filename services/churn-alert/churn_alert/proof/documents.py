"""What counts as a departure, and which effect is looked for, as people write and review it: a JSON document."""

import json
from datetime import date
from pathlib import Path
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from churn_alert.proof.domain.departure import Definition
from churn_alert.proof.domain.uplift import Design
from rapport.documents import Part, VersionDocument, read_document, read_versions

PUBLISHED = Path(__file__).parent / "published" / "departure-1.json"
_NOUN = "departure"


class SilenceDocument(Part):
    """Who leaves without a word."""

    silent_days: int = Field(ge=14, le=365, description="Without own activity for so long: gone")
    ahead_days: int = Field(ge=1, le=180, description="An alert is right so long before the first silent day")
    least_active_days: int = Field(ge=2, le=365, description="Before, nobody was a customer who could leave")
    least_history_days: int = Field(ge=1, le=730, description="The same, since the first active day")


class ToldDocument(Part):
    """Who is told to leave, by the truth file of a simulated bank: a decline with its first day."""

    ahead_days: int = Field(ge=0, le=180, description="A drift can show so long before the day that is told")


class RecencyDocument(Part):
    """The rule that alerts are set beside: it warns of whoever is silent, and knows nothing else."""

    silent_days: int = Field(ge=7, le=364, description="Without own activity for so long: warned of")


class UpliftDocument(Part):
    """The smallest effect worth finding, and how surely it is to be found."""

    leaving_without: float = Field(gt=0, lt=1, description="Share of the held out that is expected to leave")
    leaving_with: float = Field(gt=0, lt=1, description="Share of the treated that would leave if it helps")
    alpha: float = Field(gt=0, le=0.2, description="Two-sided; the intervals told are of 95 %")
    power: float = Field(ge=0.5, lt=1)
    uneven_below: float = Field(gt=0, le=0.05, description="Arms that chance draws more rarely are taken for a fault")

    @model_validator(mode="after")
    def _helps(self) -> Self:
        if self.leaving_with >= self.leaving_without:
            raise ValueError(
                "leaving_with must be below leaving_without: an effect that keeps nobody is not looked for"
            )
        return self


class DepartureDocument(VersionDocument):
    """One version, complete."""

    model_config = ConfigDict(json_schema_extra={"example": json.loads(PUBLISHED.read_bytes())})

    departure: SilenceDocument
    told_departure: ToldDocument
    uplift: UpliftDocument
    recency: RecencyDocument | None = Field(
        default=None, description="Not written: after half the days by which a customer is gone"
    )

    @model_validator(mode="after")
    def _warns_in_time(self) -> Self:
        if self.recency_days >= self.departure.silent_days:
            raise ValueError(
                "recency.silent_days must be below departure.silent_days: a rule that warns of who is gone is no rule"
            )
        return self

    @property
    def recency_days(self) -> int:
        """After how many days without own activity the rule warns that alerts are set beside."""
        return self.recency.silent_days if self.recency else self.departure.silent_days // 2

    def definition(self) -> Definition:
        """Of departures that are found by silence."""
        return Definition(**self.departure.model_dump())

    def definition_of_told(self) -> Definition:
        """Of departures that are told with their day: nothing is waited for."""
        least = self.departure.model_dump(include={"least_active_days", "least_history_days"})
        return Definition(silent_days=0, ahead_days=self.told_departure.ahead_days, **least)

    def design(self) -> Design:
        """What an experiment is planned for."""
        return Design(**self.uplift.model_dump())


def read_departure(path: Path | None = None) -> DepartureDocument:
    """The document at `path`, or the published one. Raises DocumentInvalid, which names file and fields."""
    return read_document(path or PUBLISHED, DepartureDocument, noun=_NOUN)


def read_departure_versions(own: Path | None, *, today: date) -> tuple[DepartureDocument, ...]:
    """Every version, the bank's own or the published one. Raises DocumentInvalid, which names file and fields."""
    return read_versions(own, DepartureDocument, noun=_NOUN, published=[PUBLISHED], today=today)
