"""Whose rows a transaction sees where tables are secured by row: said to PostgreSQL as the transaction begins.

Nothing said, nothing seen. The policies read `rapport.sight`, `rapport.subject` and `rapport.archive`, which end with
the transaction.
"""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine

_SAY = (
    "SELECT set_config('rapport.sight', $1, true), set_config('rapport.subject', $2, true), "
    "set_config('rapport.archive', $3, true)"
)


Extent = Literal["all", "team", "own", "customer", "none"]


@dataclass(frozen=True, slots=True)
class Sight:
    """`extent`: all customers; those of the team that the employee `subject` leads; those `subject` manages; the
    person whose file `subject` is; nobody. `sees_archive`: also those whose files lie there for the law alone.
    """

    extent: Extent
    subject: str = ""
    sees_archive: bool = False

    @property
    def has_charge(self) -> bool:
        """Of somebody who looks after customers, alone or with a team, and not of who watches over them."""
        return self.extent in {"own", "team"}


ALL = Sight("all", sees_archive=True)
NOTHING = Sight("none")


def secured(engine: AsyncEngine) -> AsyncEngine:
    """The engine of a service whose tables are secured: what its process does for no caller sees all.

    Another sight is an execution option `sight`, of an engine made of this one or of a connection.
    """
    event.listen(engine.sync_engine, "begin", _say)
    return engine.execution_options(sight=ALL)


def _say(connection: Connection) -> None:
    sight: Sight = connection.get_execution_options().get("sight", NOTHING)
    connection.exec_driver_sql(_SAY, (sight.extent, sight.subject, "open" if sight.sees_archive else "closed"))
