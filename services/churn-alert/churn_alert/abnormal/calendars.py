"""The bank's working days as people write and review them: one JSON document."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from churn_alert.abnormal.documents import RuleCode, Words
from rapport.documents import Part


class YearDocument(Part):
    """Weekdays that are days off, and days of a weekend that are worked."""

    off: tuple[date, ...]
    worked: tuple[date, ...]


class WorkingDaysDocument(Part):
    """One version of the bank's calendar; a year that is not in it has weekends alone."""

    name: RuleCode
    version: int = Field(ge=1, le=2**31 - 1)
    author: Words
    reason: Words
    confirmed: bool
    years: dict[Annotated[str, StringConstraints(pattern=r"^(19|20)[0-9]{2}$")], YearDocument]

    @model_validator(mode="after")
    def _lies_in_its_years(self) -> Self:
        for year, one in self.years.items():
            for name, days, is_weekend in (("off", one.off, False), ("worked", one.worked, True)):
                for day in days:
                    if str(day.year) != year:
                        raise ValueError(f"years.{year}.{name}: {day} is of another year")
                    if (day.weekday() >= 5) is not is_weekend:
                        kind = "weekdays" if name == "off" else "days of a weekend"
                        raise ValueError(f"years.{year}.{name}: {day} is none of the {kind} that belong here")
        return self
