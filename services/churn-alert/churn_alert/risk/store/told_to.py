"""To whom the risk of a customer is told.

Who has charge of customers must not be able to tell who is held out. A high risk beside no alert would say so, and so
would a gap where all others have a figure; so they are told a risk only beside an open alert that they see. Of
everybody else they are told alike: nothing of the risk, and all of the behaviour.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, DateTime, Text, and_, column, exists, literal, or_, select, table, true
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.row_security import Sight

# The table is of a room above this one.
_ALERTS = table(
    "alerts",
    column("customer_id", Text),
    column("status", Text),
    column("arm", Text),
    column("opened_at", DateTime(timezone=True)),
    column("closed_at", DateTime(timezone=True)),
)
_ONE = _ALERTS.c


def is_told(customer_id: ColumnElement[str], sight: Sight) -> ColumnElement[bool]:
    """That the risk of the customer whom this column names is told: for a WHERE."""
    if sight.extent == "all":
        return true()
    return exists().where(_ONE.customer_id == customer_id, _ONE.status != "closed", _is_shown())


def was_told(customer_id: ColumnElement[str], at: ColumnElement[datetime], sight: Sight) -> ColumnElement[bool]:
    """That it was told at a moment: what was crossed then is known from the alert itself, which lies on the very file
    that crossed, whoever it is merged into since. Another file's alert would tell that this one's was held out.
    """
    if sight.extent == "all":
        return true()
    lasted = and_(_ONE.opened_at <= at, or_(_ONE.closed_at.is_(None), _ONE.closed_at >= at))
    return exists().where(_ONE.customer_id == customer_id, lasted, _is_shown())


async def may_tell(connection: AsyncConnection, customer_id: str, sight: Sight) -> bool:
    """Whether the risk of this customer, by the file the person is known by, is told."""
    return bool((await connection.execute(select(is_told(literal(customer_id, Text), sight)))).scalar_one())


def _is_shown() -> ColumnElement[bool]:
    return _ONE.arm.is_distinct_from("held-out")
