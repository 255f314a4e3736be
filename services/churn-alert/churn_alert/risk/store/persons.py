"""Persons of several files: their risks together."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.persons import ALONE, Persons
from churn_alert.risk.store.risks import load
from rapport.person.store import persons_of


async def persons_among(connection: AsyncConnection, risks: Mapping[str, Risk]) -> Persons:
    """Who of these is decided with which others; the others as they are now, which nobody here holds.

    Where nobody is merged it costs one look into an empty table. An event that comes on one of the others meanwhile
    asks for its person itself, so none is missed.
    """
    found = await persons_of(connection, risks.keys())
    several = {survivor: files for survivor, files in found.items() if len(files) > 1}
    if not several:
        return ALONE
    beside = {file for survivor, files in several.items() if survivor in risks for file in files}
    missing = beside - risks.keys()
    return Persons.of(several, {**risks, **(await load(connection, missing) if missing else {})})
