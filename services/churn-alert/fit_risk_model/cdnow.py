"""CDNOW: what 23,570 customers of a shop bought in 18 months of 1997 and 1998 (Fader & Hardie), as card purchases."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from churn_alert.risk.domain.behaviour import Bank as Rulebook
from fit_risk_model.books import Book, Told
from rapport.events.bank import TransactionRecorded

FILE = "CDNOW_master.txt"
LABEL = "no purchase"
_START = datetime(1997, 1, 1, tzinfo=UTC)
_DAYS = 545
_COLUMNS = 4


def book_of(folder: Path) -> Book:
    """Drifting away is buying nothing more within the horizon. Raises ValueError, which names the line at fault."""
    bought: dict[str, dict[int, int]] = defaultdict(dict)
    for number, line in enumerate((folder / FILE).read_text(encoding="utf-8").splitlines(), start=1):
        cells = line.split()
        if not cells or cells[0] == "customer_id":
            continue
        if len(cells) != _COLUMNS:
            raise ValueError(f"{folder / FILE}, line {number}: four columns are needed; take a fresh copy of the file")
        day = (datetime.strptime(cells[1], "%Y%m%d").replace(tzinfo=UTC) - _START).days
        cents = bought[cells[0]]
        cents[day] = cents.get(day, 0) + round(float(cells[3]) * 100)
    lives = {key: [_told(key, day, cents) for day, cents in sorted(days.items())] for key, days in bought.items()}

    def stays_away(customer: str, at: datetime, days: int) -> bool | None:
        first = (at - _START).days
        if first + days > _DAYS:
            return None
        return not any(first <= day < first + days for day in bought[customer])

    return Book("CDNOW", Rulebook("USD", UTC), lives, _START, _DAYS, {LABEL: stays_away})


def _told(customer: str, day: int, cents: int) -> Told:
    at = _START + timedelta(days=day, hours=12)
    event = TransactionRecorded(
        source="cdnow",
        transaction_no=f"t-{customer}-{day}",
        account_id=f"a-{customer}",
        customer_id=f"c-{customer}",
        amount=f"{cents / 100:.2f}",
        currency="USD",
        direction="debit",
        kind="card-purchase",
        initiator="customer",
        channel="card",
        counterparty_class="merchant",
        occurred_at=at,
    )
    return Told(at, event)
