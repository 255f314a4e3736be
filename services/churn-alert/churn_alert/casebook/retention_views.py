"""What is answered about who stayed: counts of months, as JSON or as a table for a spreadsheet."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from io import StringIO
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from churn_alert.casebook.domain.retention import Division, Warned
from churn_alert.casebook.store.retention_reading import Row
from churn_alert.proof.domain.disclosure import LEAST_JUDGED as LEAST
from churn_alert.proof.views import RateView
from rapport.behaviour.rates import wilson

RETENTION: dict[str, Any] = {
    "by": "tier",
    "months": [
        {
            "month": "2025-09",
            "group": "high",
            "began": 4120,
            "kept": 4075,
            "lost": 45,
            "won_back": 6,
            "joined": 38,
            "share": {"value": 0.989, "low": 0.985, "high": 0.992},
            "alerts": 61,
            "treated": 48,
            "judged": 48,
            "stayed": 37,
            "alerts_are_final": True,
            "revision": 1,
            "known_until": "2025-10-01T01:05:00Z",
            "counted_at": "2025-10-01T01:10:00Z",
        }
    ],
}


class MonthView(BaseModel):
    """One group of one month."""

    month: str = Field(examples=["2025-09"])
    group: str | None = Field(description="Null: all; `unknown`: nobody told. Of `stage`: as the month began")
    began: int = Field(description="Customers, new or mature, as the month began")
    kept: int = Field(description="Of those, who were so still as it ended")
    lost: int = Field(description="Of those, who were not: began = kept + lost")
    won_back: int = Field(description="Had been lost as it began, and were back as it ended")
    joined: int = Field(description="Became customers, and were so as it ended")
    share: RateView | None = Field(description=f"Kept of began; of a group null below {LEAST}")
    alerts: int = Field(description="Opened in the month, by what the customer was then; none is by channel")
    treated: int = Field(description="Of those, dealt with by a playbook and not held out")
    judged: int = Field(description="Of the treated, whose window is over")
    stayed: int = Field(description="Of the judged, who were not gone within it")
    alerts_are_final: bool = Field(description="False: the figures of alerts are those of now")
    revision: int = Field(description="Above 1: something of the month became known late")
    known_until: datetime = Field(description="What became known until then is counted")
    counted_at: datetime

    @classmethod
    def of(cls, row: Row, told: tuple[Warned, bool]) -> Self:
        """A row of the store with its alerts."""
        warned, is_final = told
        began = row.counts.began
        is_told = began >= LEAST or (row.division == "all" and began > 0)
        return cls(
            month=f"{row.month:%Y-%m}",
            group=row.name or None,
            **row.counts._asdict(),
            share=RateView.of(wilson(row.counts.kept, began)) if is_told else None,
            **warned._asdict(),
            alerts_are_final=is_final,
            revision=row.revision,
            known_until=row.known_until,
            counted_at=row.counted_at,
        )


class RetentionView(BaseModel):
    """Who stayed, month by month."""

    model_config = ConfigDict(json_schema_extra={"example": RETENTION})

    by: Division
    months: list[MonthView]

    @classmethod
    def of(cls, by: Division, rows: Iterable[Row], warned: Mapping[tuple[date, str], tuple[Warned, bool]]) -> Self:
        """Rows of the store; a month whose alerts are for good and names none of a group had none."""
        final = {month for (month, _), (_, is_final) in warned.items() if is_final}
        months = [
            MonthView.of(row, warned.get((row.month, row.name), (Warned(0, 0, 0, 0), row.month in final)))
            for row in rows
        ]
        return cls(by=by, months=months)


_CSV = (
    *("month", "group", "began", "kept", "lost", "won_back", "joined", "share", "share_low", "share_high"),
    *("alerts", "treated", "judged", "stayed", "alerts_are_final", "revision", "known_until", "counted_at"),
)


def as_csv(months: Sequence[MonthView]) -> str:
    """A line a group and month, as RFC 4180 has it; what is not told is empty."""
    text = StringIO()
    table = csv.DictWriter(text, _CSV, lineterminator="\r\n")
    table.writeheader()
    for one in months:
        cells = one.model_dump(mode="json", exclude={"share"})
        share = one.share or RateView(value=0.0, low=0.0, high=0.0)
        shares = {"share": share.value, "share_low": share.low, "share_high": share.high} if one.share else {}
        table.writerow(cells | {"group": one.group or ""} | shares)
    return text.getvalue()
