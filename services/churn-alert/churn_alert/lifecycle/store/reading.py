"""What is asked of single customers' stages over REST."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import RowMapping, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.lifecycle.domain.life import Life, Stage, added
from churn_alert.lifecycle.store.lives import lives, load
from rapport.person.store import is_customer, persons_of
from rapport.row_security import Sight
from rapport.sight.store import in_sight


class Filters(NamedTuple):
    """Which stages are asked for; what is None does not matter. `since_to` is not included."""

    stage: Stage | None = None
    since_from: datetime | None = None
    since_to: datetime | None = None


class Seen(NamedTuple):
    """A customer as found; `files`: all of the person, whose life is on the sum of them."""

    life: Life
    files: tuple[str, ...]


_LISTED = (
    select(*(lives.c[name] for name in ("customer_id", "stage", "since", "rule", "unit", "revision")))
    .where(lives.c.stage.is_not(None), text(is_customer("lifecycles.customer_id")))
    .order_by(lives.c.customer_id)
)


async def find(connection: AsyncConnection, customer_id: str) -> Seen | None:
    """One customer; of a file that was merged the person's. None where no stage was given yet."""
    ((survivor, files),) = (await persons_of(connection, [customer_id])).items()
    known = await load(connection, files)
    life = added(known[survivor], [known[file] for file in files if file != survivor])
    return None if life.stage is None else Seen(life, files)


async def page_of_lives(
    connection: AsyncConnection, filters: Filters, *, sight: Sight, after: str | None, limit: int
) -> Sequence[RowMapping]:
    """Customers in sight with their stage, by customer id; a person of several files once, by the survivor."""
    statement = _LISTED.where(in_sight(lives.c.customer_id, sight))
    if filters.stage is not None:
        statement = statement.where(lives.c.stage == filters.stage)
    if filters.since_from is not None:
        statement = statement.where(lives.c.since >= filters.since_from)
    if filters.since_to is not None:
        statement = statement.where(lives.c.since < filters.since_to)
    if after is not None:
        statement = statement.where(lives.c.customer_id > after)
    return (await connection.execute(statement.limit(limit))).mappings().all()
