"""Persons of several files: their standings together."""

from collections.abc import Collection, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import fetch
from rapport.person.store import grouped, is_customer, several_of
from scoring.standing.domain.persons import Persons
from scoring.standing.domain.state import Standing
from scoring.standing.store.standings import load

NOT_MERGED = is_customer("standings.customer_id")
"""Of standings: customers, each once."""


async def persons_among(connection: AsyncConnection, standings: Mapping[str, Standing]) -> Persons:
    """Who of these is decided with which others."""
    return await grouped(connection, standings, load, Persons)


async def load_persons(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, Standing]:
    """These customers as they are decided: survivors on the sum over their files. To be read, not to be saved."""
    standings = await load(connection, customer_ids)
    persons = await persons_among(connection, standings)
    return {customer_id: persons.sum_of(standing) for customer_id, standing in standings.items()}


async def load_sums(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, Standing]:
    """The persons of several files among these customers; where nobody is merged one look into an empty table."""
    several = await several_of(connection, customer_ids)
    return await load_persons(connection, several) if several else {}


async def ever_merged(connection: AsyncConnection, partition: int) -> set[str]:
    """Files of a partition that an act of merging or separating ever touched: not every decision was on them alone."""
    statement = (
        "SELECT m.customer_id FROM merged_files m JOIN customers c ON c.customer_id = m.customer_id "
        "WHERE c.partition = $1"
    )
    return {row["customer_id"] for row in await fetch(connection, statement, partition)}
