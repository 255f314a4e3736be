"""The accounts' table, keyed by customer first: nothing here ever reaches across customers."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import BigInteger, Column, Date, DateTime, RowMapping, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.account.domain import Account, Status, Type
from customer_profile.tables import metadata
from rapport.database import select_many, upsert_many
from rapport.privacy.catalogue.columns import entry

accounts = Table(
    "accounts",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("closed_on", Date, nullable=True),
    Column("balance_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("as_of", DateTime(timezone=True), nullable=False),
    Column("event_id", Uuid, nullable=False),
    info=entry("account-state"),
)


def account_of(row: Mapping[str, Any] | RowMapping) -> Account:
    """A row of the table, however it was read."""
    return Account(
        customer_id=row["customer_id"],
        account_id=row["account_id"],
        type=row["type"],
        status=row["status"],
        opened_on=row["opened_on"],
        closed_on=row["closed_on"],
        minor=row["balance_minor"],
        currency=row["currency"],
        as_of=row["as_of"],
        event_id=row["event_id"],
    )


def _row(account: Account) -> dict[str, Any]:
    return {
        "customer_id": account.customer_id,
        "account_id": account.account_id,
        "type": account.type,
        "status": account.status,
        "opened_on": account.opened_on,
        "closed_on": account.closed_on,
        "balance_minor": account.minor,
        "currency": account.currency,
        "as_of": account.as_of,
        "event_id": account.event_id,
    }


async def load(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[tuple[str, str], Account]:
    """All accounts of these customers by (customer, account)."""
    rows = await select_many(connection, accounts, sorted(customer_ids), key="customer_id")
    return {(row["customer_id"], row["account_id"]): account_of(row) for row in rows}


async def save(connection: AsyncConnection, changed: Iterable[Account]) -> None:
    """Write these accounts in one statement."""
    await upsert_many(connection, accounts, [_row(account) for account in changed])


async def page(
    connection: AsyncConnection,
    customer_ids: Collection[str],
    *,
    status: Status | None,
    type_: Type | None,
    after: str | None,
    limit: int,
) -> list[Account]:
    """The next accounts of a person's files, in order of their id; of one that is in several the latest word."""
    theirs = select(accounts).where(accounts.c.customer_id.in_(customer_ids))
    latest = theirs.ext(distinct_on(accounts.c.account_id)).order_by(
        accounts.c.account_id, accounts.c.as_of.desc(), accounts.c.event_id.desc()
    )
    word = latest.subquery()
    each, wanted = word.c, select(word)
    for column, value in ((each.status, status), (each.type, type_)):
        if value is not None:
            wanted = wanted.where(column == value)
    if after is not None:
        wanted = wanted.where(each.account_id > after)
    found = await connection.execute(wanted.order_by(each.account_id).limit(limit))
    return [account_of(row) for row in found.mappings()]
