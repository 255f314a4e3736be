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
