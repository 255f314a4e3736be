"""A gauge as the database has it now, without the time limit of a scrape: a busy machine is no fault here."""

from collections.abc import Mapping

from tests.support.delivering import Delivering


async def figure(service: Delivering, name: str) -> Mapping[tuple[str, ...], float]:
    """The values of the service's own gauge of this name, by their labels."""
    (found,) = [one for one in service.runtime.composition.figures if one.name == name]
    async with service.runtime.engine.connect() as connection:
        return await found.read(connection)
