"""The latest word of each kind on each customer, as it was told."""

from collections.abc import Collection, Mapping, Sequence

from pydantic_core import to_json
from sqlalchemy import BigInteger, Column, DateTime, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.portrait.domain import Fact, Kind
from customer_profile.tables import metadata
from rapport.database import execute
from rapport.privacy.catalogue.columns import entry

ENTRIES: Mapping[Kind, str] = {
    "tier": "tier-decision",
    "lifecycle": "lifecycle-stage",
    "churn-risk": "churn-risk",
    "alert": "churn-alert",
    "risk-preference": "risk-preference",
    "holdings": "holding",
    "case": "feedback-case",
    "case-class": "feedback-case",
    "interaction": "interaction",
}
"""What the document of each kind holds, by the data catalogue."""
portrait_facts = Table(
    "portrait_facts",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("rank", BigInteger, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("as_of", DateTime(timezone=True), nullable=False),
    Column("document", JSONB, nullable=False, info=entry("portrait-fact", *dict.fromkeys(ENTRIES.values()))),
    info=entry("portrait-fact"),
)

_KEEP = """
INSERT INTO portrait_facts AS known (customer_id, kind, item, rank, event_id, as_of, document)
SELECT customer_id, kind, item, rank, event_id, as_of, document::jsonb FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::bigint[], $5::uuid[], $6::timestamptz[], $7::text[]
) AS told(customer_id, kind, item, rank, event_id, as_of, document)
ON CONFLICT (customer_id, kind, item) DO UPDATE SET rank = excluded.rank, event_id = excluded.event_id,
    as_of = excluded.as_of, document = excluded.document
WHERE (excluded.rank, excluded.event_id) > (known.rank, known.event_id)
"""
_PRUNE = """
DELETE FROM portrait_facts f USING (
    SELECT customer_id, item, row_number() OVER (PARTITION BY customer_id ORDER BY rank DESC, event_id DESC) AS place
    FROM portrait_facts WHERE customer_id = ANY($1::text[]) AND kind = 'interaction'
) old WHERE f.customer_id = old.customer_id AND f.kind = 'interaction' AND f.item = old.item AND old.place > $2
"""


async def keep(connection: AsyncConnection, facts: Sequence[Fact]) -> None:
    """Write facts of different places that are later words than those known."""
    if facts:
        rows = [(*f.place, f.rank, f.event_id, f.as_of, to_json(f.document).decode()) for f in facts]
        await execute(connection, _KEEP, *zip(*rows, strict=True))


async def prune_interactions(connection: AsyncConnection, customer_ids: Collection[str], *, most: int) -> None:
    """Delete all but the latest interactions of these customers."""
    await execute(connection, _PRUNE, sorted(customer_ids), most)
