"""Who a load can be about, by name."""

from tests.faults.population import Population

PEOPLE: dict[str, type[Population]] = {"population": Population}
