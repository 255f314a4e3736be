"""What bank to simulate, and the calendar its customers live by."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

BANK_ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has one zone and no summer time."""

_SPRING_FESTIVALS = {
    date(2020, 1, 25), date(2021, 2, 12), date(2022, 2, 1), date(2023, 1, 22), date(2024, 2, 10), date(2025, 1, 29),
    date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26), date(2029, 2, 13), date(2030, 2, 3),
}  # fmt: skip
_WEEKDAY_PACE = (0.9, 0.85, 0.9, 0.95, 1.15, 1.3, 0.95)
"""Monday to Sunday; averages 1."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A bank is a function of these."""

    seed: int = 1
    customers: int = 2000
    months: int = 12
    end: date = date(2025, 12, 31)
    decliners: float = 0.08
    """Mean share of the customers who really leave during the history."""
    abnormal: float = 0.0
    """Mean share of those who stay who do something that rules against money laundering look for."""

    def __post_init__(self) -> None:
        if self.customers < 1 or self.months < 1:
            raise ValueError("a bank needs at least one customer and one month")
        if not 0 <= self.decliners <= 1:
            raise ValueError("decliners is a share between 0 and 1")
        if not 0 <= self.abnormal <= 1:
            raise ValueError("abnormal is a share between 0 and 1")

    @property
    def start(self) -> date:
        """The first day, a whole number of months before the day after the last."""
        after = self.end + timedelta(days=1)
        month = after.year * 12 + after.month - 1 - self.months
        return date(month // 12, month % 12 + 1, min(after.day, 28))

    @property
    def length(self) -> int:
        """Days of history."""
        return (self.end - self.start).days + 1

    def day(self, index: int) -> "BusinessDay":
        """The business day of that index, from 0."""
        return business_day(self.start + timedelta(days=index), index)


@dataclass(frozen=True, slots=True)
class BusinessDay:
    """One day of the bank; its times are in the bank's zone, its milliseconds are UTC."""

    index: int
    date: date
    start_ms: int
    pace: float
    """How busy customers are: weekday, month end and Spring Festival."""
    is_summer: bool
    is_quarter_interest: bool

    @property
    def end_ms(self) -> int:
        """Midnight, when the day is closed."""
        return self.start_ms + 86_400_000


def business_day(day: date, index: int) -> BusinessDay:
    """A calendar day as a business day."""
    start = datetime(day.year, day.month, day.day, tzinfo=BANK_ZONE)
    is_month_end = (day + timedelta(days=3)).month != day.month
    festival = any(timedelta(days=-1) <= day - eve <= timedelta(days=6) for eve in _SPRING_FESTIVALS)
    pace = _WEEKDAY_PACE[day.weekday()] * (0.8 if is_month_end else 1.0) * (0.5 if festival else 1.0)
    return BusinessDay(
        index=index,
        date=day,
        start_ms=int(start.timestamp()) * 1000,
        pace=pace,
        is_summer=day.month in (7, 8),
        is_quarter_interest=day.day == 21 and day.month % 3 == 0,
    )
