"""What the last crossing of each customer was decided on: written when one crosses, read when something comes late."""

from collections.abc import Collection, Sequence

from sqlalchemy import CheckConstraint, Column, DateTime, Integer, Table, Text, Uuid, any_, delete, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import bindparam

from churn_alert.risk.domain.crossed import Crossed
from churn_alert.risk.store.states import cells_of, state_of
from churn_alert.tables import metadata
from rapport.database import upsert_many
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)

crossed_states = Table(
    "crossed_states",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("crossing_id", Uuid, nullable=False),
    Column("direction", Text, nullable=False, info=entry("churn-risk")),
    Column("crossed_at", _at, nullable=False),
    Column("level_since", _at),
    Column("model_version", Integer, nullable=False),
    Column("state", JSONB, nullable=False),
    CheckConstraint("direction IN ('up', 'down')", name="crossed_states_direction"),
    info=entry("posting-sums", "interaction"),
)

_OF = select(crossed_states).where(crossed_states.c.customer_id == any_(bindparam("ids", type_=ARRAY(Text))))
_FORGET = delete(crossed_states).where(crossed_states.c.customer_id == any_(bindparam("ids", type_=ARRAY(Text))))


async def crossed_of(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, Crossed]:
    """Of these customers, whoever has crossed."""
    rows = (await connection.execute(_OF, {"ids": sorted(customer_ids)})).mappings().all()
    return {
        row["customer_id"]: Crossed(
            row["direction"],
            row["crossed_at"],
            row["level_since"],
            row["model_version"],
            state_of(row["customer_id"], row["state"]),
            row["crossing_id"],
            is_changed=False,
        )
        for row in rows
    }


async def keep(connection: AsyncConnection, changed: Sequence[tuple[str, Crossed]]) -> None:
    """Write these, each in place of the customer's one before."""
    rows = [
        {
            "customer_id": customer_id,
            "crossing_id": one.crossing_id,
            "direction": one.direction,
            "crossed_at": one.at,
            "level_since": one.level_since,
            "model_version": one.model_version,
            "state": cells_of(one.state),
        }
        for customer_id, one in changed
    ]
    await upsert_many(connection, crossed_states, rows)


async def forget(connection: AsyncConnection, customer_ids: Collection[str]) -> None:
    """Forget what these crossed on, for files are summed in it of which nothing may be left: the crossing stands."""
    await connection.execute(_FORGET, {"ids": sorted(customer_ids)})
