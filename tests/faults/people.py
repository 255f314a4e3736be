"""Who a load can be about, by name."""

from tests.faults.population import Population
from tests.faults.voices import Voices

PEOPLE: dict[str, type[Population | Voices]] = {"population": Population, "voices": Voices}
