"""Who a load can be about, by name."""

from tests.faults.leavers import Leavers
from tests.faults.population import Population
from tests.faults.portraits import Portraits
from tests.faults.voices import Voices

PEOPLE: dict[str, type[Population | Portraits | Voices]] = {
    "leavers": Leavers,
    "population": Population,
    "portraits": Portraits,
    "voices": Voices,
}
