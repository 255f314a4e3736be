"""What is known of files that decides when they are due, read for a page of customers in one statement.

An end that the core told was when it says so; one that people entered counts from when they did, however far back they
date it, or one person could bring forward what two agree to. What the bank asks to tell a customer is no use of the
file, or marketing would keep it for ever.
"""

from collections.abc import Collection
from datetime import date, datetime, tzinfo

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.customer.domain import INQUIRIES, RESTRICTS
from customer_profile.retention.domain.due import Known, Postponement

_ENDING = "(relationship = 'exited' OR customer_class = 'potential')"
_PAGE = text(
    f"SELECT customer_id FROM profiles WHERE customer_id > :after AND {_ENDING} "  # noqa: S608 - our own words
    "ORDER BY customer_id LIMIT :limit"
)
_COUNT = text(f"SELECT count(*) FROM profiles WHERE {_ENDING}")  # noqa: S608 - our own words
_KNOWN = text("""
SELECT p.customer_id, p.relationship, p.open_accounts, p.archived_at IS NOT NULL AS is_archived,
    CASE WHEN a.accounts = 0 AND m.month IS NULL THEN 'potential'
        WHEN p.relationship_manager IS NOT NULL THEN 'core' ELSE 'ordinary' END AS customer_class,
    coalesce(s.exited_at, p.as_of) AS exited_at, a.closed_on, m.month + interval '1 month - 1 day' AS last_posting_on,
    greatest(p.recorded_at, p.as_of, f.as_of, s.last_at,
        (SELECT max(asked_at) FROM corrections c WHERE c.customer_id = p.customer_id),
        (SELECT max(occurred_at) FROM consent_acts c WHERE c.customer_id = p.customer_id),
        (SELECT max(changed_at) FROM customer_changes c WHERE c.customer_id = p.customer_id)) AS last_used_at,
    EXISTS (SELECT FROM legal_holds h WHERE h.customer_id = p.customer_id AND h.released_at IS NULL
        AND h.until >= :today) AS hold,
    coalesce(f.has_open_case, false) AS "open-case",
    EXISTS (SELECT FROM corrections c WHERE c.customer_id = p.customer_id AND c.state = 'open') AS "open-correction",
    p.is_restricted AND (r.reason = ANY(CAST(:inquiries AS text[]))
        OR p.relationship = 'restricted' AND r.reason IS DISTINCT FROM 'retention-only') AS restricted
FROM profiles p
CROSS JOIN LATERAL (SELECT count(*) AS accounts, max(closed_on) AS closed_on FROM accounts
    WHERE customer_id = p.customer_id) a
CROSS JOIN LATERAL (SELECT max(month) AS month FROM portrait_months WHERE customer_id = p.customer_id
    AND month <= :today) m
CROSS JOIN LATERAL (SELECT max(as_of) AS as_of,
    bool_or(kind = 'case' AND document->>'status' <> 'resolved') AS has_open_case
    FROM portrait_facts WHERE customer_id = p.customer_id) f
CROSS JOIN LATERAL (SELECT max(occurred_at) AS last_at, max(CASE WHEN done_by IS NULL THEN occurred_at
    ELSE recorded_at END) FILTER (WHERE to_state = 'exited' AND reason <> 'restriction-lifted') AS exited_at
    FROM status_steps WHERE customer_id = p.customer_id) s
LEFT JOIN LATERAL (SELECT reason FROM status_steps
    WHERE customer_id = p.customer_id AND reason = ANY(CAST(:restricts AS text[]))
    ORDER BY step_id DESC LIMIT 1) r ON true
WHERE p.customer_id = ANY(CAST(:ids AS text[]))
""")
_POSTPONING: tuple[Postponement, ...] = ("hold", "open-case", "open-correction", "restricted")


async def count_ending(connection: AsyncConnection) -> int:
    """Files that could be due at all: of who left, and of who never became a customer."""
    return int((await connection.execute(_COUNT)).scalar_one())


async def ending(connection: AsyncConnection, *, after: str, limit: int) -> list[str]:
    """The next of these, in order of the customer's token."""
    return list((await connection.execute(_PAGE, {"after": after, "limit": limit})).scalars())


async def known(
    connection: AsyncConnection, customer_ids: Collection[str], *, today: date, zone: tzinfo
) -> dict[str, Known]:
    """What is known of these files, by customer; those without one are missing. `today`: for holds, and of postings
    dated later nothing is known."""
    asked = {"ids": sorted(customer_ids), "today": today, "inquiries": list(INQUIRIES), "restricts": list(RESTRICTS)}
    rows = await connection.execute(_KNOWN, asked)
    return {row["customer_id"]: _known(row, zone) for row in rows.mappings()}


def _known(row: RowMapping, zone: tzinfo) -> Known:
    is_over = row["relationship"] == "exited" and row["open_accounts"] == 0
    exited_on = _day(row["exited_at"], zone)
    return Known(
        row["customer_id"],
        row["customer_class"],
        max(exited_on, row["closed_on"] or exited_on) if is_over else None,
        _day(row["last_used_at"], zone),
        row["last_posting_on"].date() if row["last_posting_on"] else None,
        frozenset(why for why in _POSTPONING if row[why]),
        row["is_archived"],
    )


def _day(moment: datetime, zone: tzinfo) -> date:
    return moment.astimezone(zone).date()
