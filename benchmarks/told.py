"""What a bank and its services told of the customers of a large customer-profile, in statements over pages of them.

Everybody has a tier, a stage and two acts of consent; half have holdings, three in five a risk preference, a third a
risk of leaving, a tenth an open case. One in a hundred is one of two files of a person.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg
from pydantic_core import to_json

from rapport.events.bank import HoldingChanged, InteractionRecorded, RiskAssessed
from rapport.events.base import Event
from rapport.events.churn_alert import LifecycleChanged, RiskThresholdCrossed
from rapport.events.feedback import CaseChanged, FeedbackClassified
from rapport.events.scoring import TierChanged

PER_MANAGER = 200
_AT = datetime(2026, 3, 2, tzinfo=UTC)
_WORDS: tuple[tuple[type[Event], str, float, dict[str, Any]], ...] = (
    (
        TierChanged,
        "tier",
        1,
        {
            "old_tier": None, "tier": "high", "points": 190,
            "points_by_dimension": {"value": 100, "behaviour": 40, "potential": 20, "risk": 30},
            "reasons": [{"feature": name, "points": 10, "shortfall": 4.5} for name in ("active_days", "balance_90d")],
            "scorecard_version": 1, "decided_at": _AT, "revision": 1, "rank": 1, "ladder": 3,
        },
    ),
    (LifecycleChanged, "lifecycle", 1, {"stage": "mature", "since": _AT, "as_of": _AT, "revision": 1}),
    (
        RiskAssessed,
        "risk-preference",
        0.6,
        {
            "risk_tolerance": "C3", "investment_experience": "1-3-years", "assessed_at": _AT,
            "valid_until": "2027-03-02", "revision": 1,
        },
    ),
    (
        HoldingChanged,
        "holdings",
        0.5,
        {
            "holdings": [
                {"product": f"WM-{n}", "kind": "wealth", "amount": "50000.00", "currency": "CNY"} for n in range(3)
            ],
            "as_of": _AT, "revision": 1,
        },
    ),
    (
        RiskThresholdCrossed,
        "churn-risk",
        0.33,
        {
            "direction": "up", "cause": "silence", "probability": 0.71, "threshold": 0.6, "horizon_days": 30,
            "indicators": [
                {"name": name, "value": 1.0, "normal_low": 6.0, "normal_high": 19.0}
                for name in ("transactions", "balance")
            ],
            "model_version": 3, "crossed_at": _AT,
        },
    ),
    (CaseChanged, "case", 0.1, {"case_id": "k-1", "status": "opened", "priority": "high", "changed_at": _AT}),
    (
        FeedbackClassified,
        "case-class",
        0.1,
        {
            "case_id": "k-1", "kind": "complaint", "sentiment": "negative", "severity": "high", "channel": "mobile",
            "submitted_at": _AT,
        },
    ),
    *((InteractionRecorded, "interaction", share, {"kind": "login", "channel": "mobile", "occurred_at": _AT})
      for share in (1, 0.6, 0.6)),
)  # fmt: skip
"""Event, kind, share of the customers that it was told of, fields."""
_FACTS = """
INSERT INTO portrait_facts SELECT c, kind, item, 1, gen_random_uuid(), $5, document::jsonb
FROM unnest($1::text[]) c, unnest($2::text[], $3::text[], $4::text[], $6::float[]) AS told(kind, item, document, share)
WHERE abs(hashtext(c || kind || item) % 1000) < share * 1000
"""
_ACCOUNTS = """
INSERT INTO accounts SELECT c, c || '-' || n, 'savings', 'open', '2020-01-01', NULL, 100000 * n, 'CNY', now(),
    gen_random_uuid() FROM unnest($1::text[]) c, generate_series(1, 2) n
"""
_MONTHS = """
INSERT INTO portrait_months SELECT c, date '2026-06-01' + n * interval '1 month', now(),
    '[["CNY", "credit", "salary", 1, 1200000], ["CNY", "debit", "purchase", 31, 823000]]'
    FROM unnest($1::text[]) c, generate_series(1, 3) n
"""
_CONSENTS = """
INSERT INTO consent_acts SELECT c, n, purpose, 'granted', 'consent', ARRAY['contact-details'], 1, repeat('0', 64), NULL,
    false, 'branch', repeat('1', 64), $2, $2, 'e-1'
FROM unnest($1::text[]) c, unnest(ARRAY['marketing-sms', 'marketing-app']) WITH ORDINALITY AS of(purpose, n)
"""
# Two pairs of files of four hundred: one of the same manager, one of two.
_MERGES = """
INSERT INTO merged_files SELECT file, of.survivor, of.revision FROM (
    SELECT c AS survivor, lead(c) OVER (ORDER BY c) AS merged, substr(c, 3)::bigint + 1 AS revision
    FROM unnest($1::text[]) c
) of, unnest(ARRAY[of.survivor, of.merged]) file WHERE of.merged IS NOT NULL AND of.revision % 400 IN (1, 200)
"""
_MANAGERS = """
INSERT INTO employees SELECT DISTINCT relationship_manager, 'B0001', 'rm', true, 1 FROM profiles
WHERE relationship_manager IS NOT NULL ON CONFLICT DO NOTHING
"""


def manager(number: int) -> str:
    """Whose customer the one of this number is."""
    return f"e-{number // PER_MANAGER:05d}"


async def tell(connection: asyncpg.Connection, customers: Sequence[str]) -> None:
    """Write what was told of a page of customers, whose files are there, in order of their numbers."""
    words = [
        (kind, f"{place}" if kind in {"case", "case-class", "interaction"} else "", _document(event, fields), share)
        for place, (event, kind, share, fields) in enumerate(_WORDS)
    ]
    kinds, items, documents, shares = map(list, zip(*words, strict=True))
    await connection.execute(_FACTS, customers, kinds, items, documents, _AT, shares)
    await connection.execute(_CONSENTS, customers, _AT)
    for statement in (_ACCOUNTS, _MONTHS, _MERGES):
        await connection.execute(statement, customers)


async def staff(connection: asyncpg.Connection) -> None:
    """Write the managers of all files that are there."""
    await connection.execute(_MANAGERS)


def _document(event: type[Event], fields: dict[str, Any]) -> str:
    told = event.model_validate({"customer_id": "c-1", **fields})
    return to_json(told.model_dump(mode="json", exclude={"customer_id"})).decode()
