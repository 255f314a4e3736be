"""The book recounted in SQL: what every customer's row must be, by no code of ours but this.

A schema of its own beside the service's tables, filled from the book and from what lies on Kafka.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["undrained", "lost", "double", "different", "unbalanced", "untold", "unfounded", "disordered", "stalled"]

CREATE = """
DROP SCHEMA IF EXISTS recount CASCADE;
CREATE SCHEMA recount;
CREATE TABLE recount.book (
    event_id text PRIMARY KEY, customer_id text NOT NULL, what text NOT NULL, at timestamptz NOT NULL,
    account_id text, minor bigint, currency text, is_credit boolean, is_own boolean, kind text, counterparty text,
    balance_after bigint, reverses_at timestamptz, reverses_balance bigint, revision int, holdings jsonb, fact jsonb
);
CREATE TABLE recount.told (
    topic text, partition int, record_offset bigint, event_id text, customer_id text, fact jsonb
);
"""


@dataclass(frozen=True, slots=True)
class Recount:
    """How one service is recounted.

    `heard`: what of the book it hears. `script`: from the filled book to `recount.compared`, rows of a customer whose
    `wrong` names what differs, `lost` and `double` how many events. `figures`: what a reader wants to know. `demands`:
    SQL that must give zero. `due`: how many timers run out within the hour, which the verdict waits for.
    """

    heard: Sequence[str]
    script: str
    figures: Mapping[str, str]
    demands: Sequence[tuple[Kind, str, str]]
    due: str = "SELECT 0"


# -- what is asked of every service

CUSTOMERS = "SELECT count(DISTINCT customer_id) FROM recount.compared"
BOOKED = "SELECT count(*) FROM recount.book WHERE what = ANY($1)"
LOST = "SELECT coalesce(sum(lost), 0)::bigint FROM recount.compared"
DOUBLE = "SELECT coalesce(sum(double), 0)::bigint FROM recount.compared"
DIFFERENT = (
    "SELECT customer_id, string_agg(wrong, '') AS wrong FROM recount.compared WHERE wrong <> '' GROUP BY 1 ORDER BY 1"
)
UNBALANCED = (
    "SELECT count(*) FROM consumer_offsets o WHERE o.received <> o.applied + o.duplicate + o.skipped + o.dead_lettered "
    "+ (SELECT count(*) FROM parked p WHERE p.topic = o.topic AND p.partition = o.partition)"
)
COUNTS = "SELECT sum(applied), sum(duplicate), sum(skipped), sum(dead_lettered) FROM consumer_offsets"
PARKED = "SELECT count(*) FROM parked"
TOLD_AGAIN = "SELECT count(*) - count(DISTINCT event_id) FROM recount.told"
