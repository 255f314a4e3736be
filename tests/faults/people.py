"""Who a load can be about, by name."""

from tests.faults.files import Files
from tests.faults.population import Population
from tests.faults.voices import Voices

PEOPLE: dict[str, type[Population | Voices | Files]] = {"population": Population, "voices": Voices, "files": Files}
