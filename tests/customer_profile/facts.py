"""Facts of the bank as the tests need them, and what the service told of them."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from rapport.events.bank import AccountChanged, CustomerRecorded, Identity
from rapport.messaging.records import RawRecord
from tests.support.delivering import Delivering

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
ZHANG = Identity(
    full_name="张三丰",
    id_type="resident-id",
    id_number="110109199003071234",
    phone="13812341234",
    email="zhang.sanfeng@example.com",
    address="广东省深圳市南山区科技路1号",
)


_CUSTOMER = {
    "customer_id": "c-1",
    "identity": ZHANG,
    "birth_year": 1990,
    "gender": "male",
    "unit": "B0017",
    "region": "R02",
    "customer_since": date(2021, 4, 12),
    "recorded_at": MONDAY,
}
_ACCOUNT = {
    "account_id": "a-1",
    "customer_id": "c-1",
    "type": "savings",
    "status": "open",
    "opened_on": date(2021, 4, 12),
    "balance": "10250.75",
    "currency": "CNY",
    "as_of": MONDAY,
}


def customer(customer_id: str = "c-1", **fields: Any) -> CustomerRecorded:
    """A customer as the core records one."""
    return CustomerRecorded.model_validate(_CUSTOMER | {"customer_id": customer_id} | fields)


def account(customer_id: str = "c-1", account_id: str = "a-1", **fields: Any) -> AccountChanged:
    """An open savings account as the core tells of one."""
    return AccountChanged.model_validate(_ACCOUNT | {"customer_id": customer_id, "account_id": account_id} | fields)


_CHECK = "10X98765432"


def resident_id(first_17: str) -> str:
    """With its check digit by the weights of GB 11643, and not by the library under test."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first_17 + _CHECK[sum(int(digit) * weight for digit, weight in zip(first_17, weights, strict=True)) % 11]


async def told(service: Delivering) -> list[dict[str, Any]]:
    """What waits in the outbox to be told, in order, dead letters aside."""
    rows = await service.rows("SELECT value FROM outbox WHERE topic = 'customer-profiled' ORDER BY outbox_id")
    return [json.loads(row.value) for row in rows]


async def files(service: Delivering) -> dict[str, Any]:
    """The rows of the customers' files by customer."""
    return {row.customer_id: row for row in await service.rows("SELECT * FROM profiles")}


async def accounts(service: Delivering) -> dict[str, Any]:
    """The rows of the accounts by account."""
    return {row.account_id: row for row in await service.rows("SELECT * FROM accounts")}


BankFact = CustomerRecorded | AccountChanged


def record(service: Delivering, event: BankFact, **envelope: Any) -> RawRecord:
    """The event as the next record of its topic, published when it happened."""
    moment = event.recorded_at if isinstance(event, CustomerRecorded) else event.as_of
    return service.feed.record(event, **{"time": moment} | envelope)
