"""A whole portrait in one statement, so that all of it is of one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from customer_profile.account.domain import Account
from customer_profile.account.store import account_of, accounts
from customer_profile.customer.domain import File
from customer_profile.customer.store import file_of, profiles
from customer_profile.portrait.domain import Kind, Month
from customer_profile.portrait.store.months import entries_of
from rapport.database import borrow

_ACCOUNT = tuple(column.name for column in accounts.columns)
_FIND = f"""
SELECT {", ".join(f"p.{column.name}" for column in profiles.columns)},
    (SELECT coalesce(jsonb_agg(jsonb_build_array(f.kind, f.as_of, f.document) ORDER BY f.rank DESC, f.event_id DESC),
        '[]') FROM portrait_facts f WHERE f.customer_id = p.customer_id) AS portrait_facts,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(m.month, m.as_of, m.entries)), '[]') FROM (
        SELECT * FROM portrait_months WHERE customer_id = p.customer_id ORDER BY month DESC LIMIT $2
    ) m) AS portrait_months,
    (SELECT coalesce(jsonb_object_agg(o.topic, greatest(o.log_end_offset - o.next_offset, 0)), '{{}}')
        FROM consumer_offsets o WHERE o.partition = p.partition) AS lags,
    (SELECT min(o.advanced_at) FROM consumer_offsets o WHERE o.partition = p.partition) AS lag_known_at,
    (SELECT array_agg(ROW({", ".join(_ACCOUNT)}) ORDER BY account_id) FROM accounts a
        WHERE a.customer_id = p.customer_id) AS accounts
FROM profiles p WHERE p.customer_id = $1
"""  # noqa: S608 - our own columns


class Told(NamedTuple):
    """A word of another service as it was told, and as of when it is."""

    as_of: datetime
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """All that is known of a customer. `facts`: of each kind the latest first. `lags`: records to handle, by topic."""

    file: File
    accounts: list[Account]
    months: list[Month]
    facts: Mapping[Kind, list[Told]]
    lags: Mapping[str, int]
    lag_known_at: datetime | None


async def find(engine: AsyncEngine, customer_id: str, *, months: int) -> Found | None:
    """The portrait of one customer with the last `months` that anything was posted in; None without a file."""
    async with borrow(engine) as driver:
        row = await driver.fetchrow(_FIND, customer_id, months)
    if row is None:
        return None
    facts: dict[Kind, list[Told]] = {}
    for kind, as_of, document in row["portrait_facts"]:
        facts.setdefault(kind, []).append(Told(datetime.fromisoformat(as_of), document))
    known = [
        Month(customer_id, date.fromisoformat(month), datetime.fromisoformat(as_of), entries_of(entries))
        for month, as_of, entries in row["portrait_months"]
    ]
    held = [account_of(dict(zip(_ACCOUNT, one, strict=True))) for one in row["accounts"] or ()]
    return Found(file_of(row), held, known, facts, row["lags"], row["lag_known_at"])
