"""Persons of several files: their risks together."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.persons import Persons
from churn_alert.risk.store.risks import load
from rapport.person.store import grouped


async def persons_among(connection: AsyncConnection, risks: Mapping[str, Risk]) -> Persons:
    """Who of these is decided with which others."""
    return await grouped(connection, risks, load, Persons)


async def files_beside(connection: AsyncConnection, risks: Mapping[str, Risk], persons: Persons) -> dict[str, Risk]:
    """These files, and of the persons of those of them that are merged into another all other files as they are now,
    which nobody here holds. Where none is it is no query.
    """
    survivors = {into for file, into in persons.merged_into.items() if file in risks}
    if not survivors:
        return {**risks}
    beside = survivors | {file for file, into in persons.merged_into.items() if into in survivors}
    return {**await load(connection, beside - risks.keys()), **risks}
