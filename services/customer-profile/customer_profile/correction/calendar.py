"""The bank's working days, as its settings name them: within how many a request for a correction is answered."""

from datetime import date, tzinfo

from pydantic import BaseModel, ConfigDict, Field

from customer_profile.correction.domain import Calendar


class CorrectionSettings(BaseModel):
    """When a request for a correction must be answered: at the end of so many working days, in the bank's time zone.

    PIPL article 46 names no number of days; fifteen is our proposal. `holidays` and `make_up_days`: weekdays off and
    weekends worked, as announced for each year.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer_within_working_days: int = Field(default=15, ge=1, le=60)
    holidays: frozenset[date] = frozenset()
    make_up_days: frozenset[date] = frozenset()

    def calendar(self, zone: tzinfo) -> Calendar:
        """By which answers fall due."""
        return Calendar(zone, self.answer_within_working_days, self.holidays, self.make_up_days)
