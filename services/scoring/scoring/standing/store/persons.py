"""Persons of several files: their standings together."""

from collections.abc import Collection, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import fetch
from rapport.person.store import is_customer, persons_of
from scoring.standing.domain.persons import ALONE, Persons
from scoring.standing.domain.state import Standing
from scoring.standing.store.standings import load

NOT_MERGED = is_customer("standings.customer_id")
"""Of standings: customers, each once."""


async def persons_among(connection: AsyncConnection, standings: Mapping[str, Standing]) -> Persons:
    """Who of these is decided with which others; the others as they are now, which nobody here holds.

    Where nobody is merged it costs one look into an empty table. An event that comes on one of the others meanwhile
    asks for its person itself, so none is missed.
    """
    found = await persons_of(connection, standings.keys())
    several = {survivor: files for survivor, files in found.items() if len(files) > 1}
    if not several:
        return ALONE
    beside = {file for survivor, files in several.items() if survivor in standings for file in files}
    missing = beside - standings.keys()
    return Persons.of(several, {**standings, **(await load(connection, missing) if missing else {})})


async def load_persons(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, Standing]:
    """These customers as they are decided: survivors on the sum over their files. To be read, not to be saved."""
    standings = await load(connection, customer_ids)
    persons = await persons_among(connection, standings)
    return {customer_id: persons.sum_of(standing) for customer_id, standing in standings.items()}


async def load_sums(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, Standing]:
    """The persons of several files among these customers; where nobody is merged one look into an empty table."""
    persons = await persons_of(connection, customer_ids)
    several = [survivor for survivor, files in persons.items() if len(files) > 1]
    return await load_persons(connection, several) if several else {}


async def ever_merged(connection: AsyncConnection, partition: int) -> set[str]:
    """Files of a partition that an act of merging or separating ever touched: not every decision was on them alone."""
    statement = (
        "SELECT m.customer_id FROM merged_files m JOIN customers c ON c.customer_id = m.customer_id "
        "WHERE c.partition = $1"
    )
    return {row["customer_id"] for row in await fetch(connection, statement, partition)}
