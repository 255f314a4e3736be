"""A bank of two units: who manages, leads and serves, and a customer of each manager with something in every table."""

from rapport.database import create_engine
from rapport.events.bank import Identity
from tests.customer_profile.facts import ZHANG, account, customer, record
from tests.support.delivering import Delivering
from tests.support.sight import (
    FOREIGN,
    LEAD,
    MANAGER,
    OTHER_LEAD,
    OTHER_MANAGER,
    OWN,
    STAFF,
    SUBJECTS,
    UNKNOWN,
    client_of,
    employee,
)

__all__ = [
    "FOREIGN",
    "LEAD",
    "MANAGER",
    "OTHER_LEAD",
    "OTHER_MANAGER",
    "OWN",
    "SUBJECTS",
    "UNKNOWN",
    "client_of",
    "drop_policies",
    "employee",
    "open_bank",
]


async def open_bank(service: Delivering, *, identity: Identity = ZHANG) -> None:
    """Both customers, each with an account, and the staff of both units."""
    await service.deliver(*(service.feed.record(employee(*one)) for one in STAFF))
    customers = ((OWN, MANAGER, "B1", "E00000001"), (FOREIGN, OTHER_MANAGER, "B2", "E00000002"))
    for customer_id, manager, unit, number in customers:
        # Another paper each, or one could not be corrected beside the other.
        paper = {"id_type": "passport", "id_number": number} if identity is ZHANG else {}
        told = customer(
            customer_id, relationship_manager=manager, unit=unit, identity=identity.model_copy(update=paper)
        )
        await service.deliver(record(service, told))
        await service.deliver(record(service, account(customer_id, f"a-of-{customer_id}")))


async def drop_policies(service: Delivering) -> None:
    """The database as if nobody had secured it: what is refused then is refused by the queries alone."""
    owner = service.runtime.settings.database.migration_url
    assert owner is not None
    engine = create_engine(owner.get_secret_value(), application="test", pool_size=1)
    async with engine.begin() as connection:
        secured = await connection.exec_driver_sql("SELECT relname FROM pg_class WHERE relrowsecurity")
        for table in secured.scalars().all():
            await connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    await engine.dispose()
