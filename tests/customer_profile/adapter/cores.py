"""Two cores as the examples of mappings describe them: the same bookings as raw records and as the contract's facts."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from customer_profile.adapter.tokens import NumberTokens
from rapport.events.bank import AccountChanged, ReversedTransaction, TransactionRecorded
from rapport.messaging.partitions import partition_of
from rapport.messaging.records import RawRecord

KEY = bytes(range(32))
ZONE = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 3, 2, 1, tzinfo=UTC)
FINERACT, LEGACY, FINERACT_ACCOUNTS = "fineract.savings-transactions", "legacy.postings", "fineract.savings-accounts"
OF_FINERACT = {
    "deposit": ("deposit", "customer"),
    "withdrawal": ("withdrawal", "customer"),
    "interestPosting": ("interest", "automatic"),
    "payCharge": ("fee", "automatic"),
}
OF_LEGACY = {
    "01": ("deposit", "customer"),
    "02": ("withdrawal", "customer"),
    "10": ("salary", "automatic"),
    "20": ("card-payment", "customer"),
    "90": ("fee", "automatic"),
}
PAYMENTS = {"Cash": "counter", "Card": "card", None: "batch"}
TERMINALS = {"ATM": "atm", "POS": "card", "MOB": "mobile", "": "batch"}


@dataclass(frozen=True)
class Booking:
    """A booking as any core knows it; `minor` with its sign, `original`: the number of the one it takes back."""

    number: str
    account: str
    minor: int
    kind: str
    at: datetime
    terminal: str | None = ""
    balance: int | None = None
    original: "Booking | None" = None


def tokens(core: str) -> NumberTokens:
    return NumberTokens(KEY, core)


def sum_of(minor: int) -> str:
    """As the contract has it, without zeros at the end."""
    text = f"{abs(minor) // 100}.{abs(minor) % 100:02d}".rstrip("0").rstrip(".")
    return ("-" if minor < 0 else "") + text


def legacy_line(booking: Booking) -> bytes:
    local = booking.at.astimezone(ZONE)
    cells = [
        "R" if booking.original else "P",
        booking.number,
        booking.account,
        f"{local:%Y%m%d}",
        f"{local:%H%M%S}",
        str(booking.minor),
        "CNY",
        booking.kind,
        booking.terminal or "",
        "" if booking.balance is None else str(booking.balance),
        booking.original.number if booking.original else "",
    ]
    return ";".join(cells).encode()


def fineract_json(booking: Booking) -> bytes:
    """Dates are days; what is taken back comes once more, as it was, and flagged."""
    told = booking.original or booking
    data: dict[str, Any] = {
        "id": int(told.number),
        "accountNo": told.account,
        "amount": f"{abs(told.minor) // 100}.{abs(told.minor) % 100:02d}0000",
        "transactionType": {"code": f"savingsAccountTransactionType.{told.kind}"},
        "currency": {"code": "CNY", "decimalPlaces": 2},
        "date": told.at.astimezone(ZONE).date().isoformat(),
        "reversed": booking.original is not None,
        "runningBalance": None if told.balance is None else float(f"{told.balance / 100:.2f}"),
        "paymentDetailData": {"paymentType": {"name": told.terminal}} if told.terminal else None,
        "note": "张三 birthday",
    }
    envelope = {"type": "SavingsDepositBusinessEvent", "createdAt": booking.at.isoformat(), "tenantId": "default"}
    # A decimal of Avro comes as a number, not as a text.
    return json.dumps(envelope | {"data": data}).replace(f'"{data["amount"]}"', data["amount"]).encode()


def told_of(core: str, booking: Booking, customer_id: str) -> TransactionRecorded:
    """The booking as a core tells it that speaks the contract."""
    original = booking.original
    kinds, channels = (OF_LEGACY, TERMINALS) if core == "legacy" else (OF_FINERACT, PAYMENTS)
    kind, initiator = kinds[booking.kind]
    is_flagged = core == "fineract" and original is not None
    balance = original.balance if original and is_flagged else booking.balance
    fact = {
        "source": core,
        "transaction_no": f"{original.number}-R" if original and is_flagged else booking.number,
        "account_id": tokens(core).account(booking.account),
        "customer_id": customer_id,
        "amount": sum_of(abs(booking.minor)),
        "currency": "CNY",
        "direction": "credit" if booking.minor > 0 else "debit",
        "kind": kind,
        "initiator": initiator,
        "channel": channels[booking.terminal],  # type: ignore[index]
        "balance_after": None if balance is None else sum_of(balance),
        "occurred_at": occurred_at(core, booking),
    }
    if original:
        fact["reverses"] = ReversedTransaction(
            transaction_no=original.number,
            amount=sum_of(abs(original.minor)),
            occurred_at=occurred_at(core, original),
            balance_after=None if original.balance is None else sum_of(original.balance),
        )
    return TransactionRecorded.model_validate(fact)


def occurred_at(core: str, booking: Booking) -> datetime:
    if core == "legacy" or booking.original:
        return booking.at
    local = booking.at.astimezone(ZONE)
    return datetime(local.year, local.month, local.day, tzinfo=ZONE).astimezone(UTC)


def account_told(core: str, number: str, customer_id: str, as_of: datetime = MORNING) -> AccountChanged:
    """The account as the core tells it that speaks the contract for accounts."""
    return AccountChanged(
        account_id=tokens(core).account(number),
        customer_id=customer_id,
        type="savings",
        status="open",
        opened_on=date(2020, 1, 1),
        balance="0",
        currency="CNY",
        as_of=as_of,
    )


class RawFeed:
    """Records of raw topics as a broker would number them."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._next: dict[tuple[str, int], int] = defaultdict(int)

    def record(self, topic: str, key: str, value: bytes, *, partition: int | None = None) -> RawRecord:
        """The next record; its partition is that of its key, the account."""
        place = (self._prefix + topic, partition_of(key) if partition is None else partition)
        offset = self._next[place]
        self._next[place] += 1
        published = int((datetime.now(UTC) - timedelta(seconds=1)).timestamp() * 1000)
        return RawRecord(*place, offset, published, key.encode(), value, [])

    def booking(self, core: str, booking: Booking) -> RawRecord:
        """A booking of one of the two cores."""
        topic, write = (LEGACY, legacy_line) if core == "legacy" else (FINERACT, fineract_json)
        return self.record(topic, booking.account, write(booking))

    def day_end(self, core: str, day: date, partition: int) -> RawRecord:
        """A core's mark in one partition."""
        if core == "legacy":
            return self.record(LEGACY, "-", f"E;;;{day:%Y%m%d};;;;;;;".encode(), partition=partition)
        value = json.dumps({"type": "BusinessDateClosed", "businessDate": day.isoformat()}).encode()
        return self.record(FINERACT, "-", value, partition=partition)


def history(core: str, accounts: Sequence[str], *, days: int = 10) -> list[Booking]:
    """Some bookings a day for each account; every seventh is taken back two days later."""
    kinds = list(OF_LEGACY if core == "legacy" else OF_FINERACT)
    terminals: list[Any] = list(TERMINALS if core == "legacy" else PAYMENTS)
    made: list[Booking] = []
    for position, (day, account) in enumerate((d, a) for d in range(days) for a in accounts):
        at = MORNING + timedelta(days=day, minutes=7 * (position % 50))
        kind = kinds[position % len(kinds)]
        sign = 1 if kind in {"deposit", "interestPosting", "01", "10"} else -1
        minor = sign * (1000 + 37 * position)
        one = Booking(str(1000 + position), account, minor, kind, at, terminals[position % 3], 500_000 + position)
        made.append(one)
        if position % 7 == 3:
            number, later = str(9000 + position), at + timedelta(days=2)
            made.append(Booking(number, account, -minor, kind, later, one.terminal, one.balance, original=one))
    return sorted(made, key=lambda booking: (booking.at, booking.number))
