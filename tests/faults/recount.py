"""The book recounted in SQL: what every customer's row must be, by no code of ours but this.

A schema of its own beside the service's tables, filled from the book and from what lies on Kafka.
"""

from itertools import product

HALF_LIVES = (7, 30, 90, 365)
SUMS = {
    "credits": "credit",
    "debits": "debit",
    "own": "own",
    "penalties": "penalty",
    "overdrafts": "overdraft",
}
EXACT = (
    "transactions", "reversals", "foreign_currency_transactions", "credits_minor", "debits_minor", "opening_minor",
    "penalty_interests", "overdrafts", "sums_as_of", "active_days_from", "active_day_count", "first_activity_at",
    "last_activity_at", "holdings_revision", "held",
)  # fmt: skip
"""What must be equal to the last digit; the decayed sums to 1e-9 of their gross sum."""

CREATE = """
DROP SCHEMA IF EXISTS recount CASCADE;
CREATE SCHEMA recount;
CREATE TABLE recount.book (
    event_id text PRIMARY KEY, customer_id text NOT NULL, what text NOT NULL, at timestamptz NOT NULL,
    account_id text, minor bigint, currency text, is_credit boolean, is_own boolean, kind text, balance_after bigint,
    reverses_at timestamptz, revision int, holdings jsonb
);
CREATE TABLE recount.told (
    partition int, record_offset bigint, event_id text, customer_id text, revision int, tier text, old_tier text,
    points int, decided_at timestamptz
);
"""

# A reversal is booked in the opposite direction: it takes back a credit by a debit, at the time the credit had.
_POSTINGS = """
CREATE TABLE recount.postings AS
SELECT customer_id, account_id, at AS booked_at, coalesce(reverses_at, at) AS at, sign,
    reverses_at IS NOT NULL AS is_reversal, is_own AND reverses_at IS NULL AS is_activity,
    CASE WHEN currency = 'CNY' AND is_credit = (sign = 1) THEN sign * minor ELSE 0 END AS credit,
    CASE WHEN currency = 'CNY' AND is_credit <> (sign = 1) THEN sign * minor ELSE 0 END AS debit,
    sign * (currency <> 'CNY')::int AS foreign_currency, sign * is_own::int AS own,
    sign * (kind IN ('penalty-interest', 'sanction-interest'))::int AS penalty,
    coalesce(sign = 1 AND NOT is_credit AND balance_after < 0
        AND kind NOT IN ('penalty-interest', 'sanction-interest'), false)::int AS overdraft,
    CASE WHEN currency = 'CNY' THEN balance_after - CASE WHEN is_credit THEN minor ELSE -minor END END AS balance_before
FROM (SELECT *, CASE WHEN reverses_at IS NULL THEN 1 ELSE -1 END AS sign FROM recount.book WHERE what = 'posting') AS b;
"""

_OPENINGS = """
CREATE TABLE recount.openings AS
SELECT customer_id, sum(balance_before)::bigint AS opening_minor FROM (
    SELECT DISTINCT ON (customer_id, account_id) customer_id, balance_before FROM recount.postings
    WHERE balance_before IS NOT NULL
    ORDER BY customer_id, account_id, booked_at, abs(balance_before), balance_before
) AS first GROUP BY customer_id;
"""

_HOLDINGS = """
CREATE TABLE recount.holdings AS
SELECT DISTINCT ON (customer_id) customer_id, revision, holdings FROM recount.book
WHERE what = 'holding' ORDER BY customer_id, revision DESC;
"""


def _decayed(name: str, column: str, days: int) -> str:
    weight = f"power(2::float8, -extract(epoch FROM as_of - at)::float8 / 86400 / {days})"
    return f"sum({column} * {weight}) AS {name}_{days}d, sum(abs({column}) * {weight}) AS {name}_{days}d_gross"


def _expected() -> str:
    decayed = ", ".join(_decayed(name, column, days) for (name, column), days in product(SUMS.items(), HALF_LIVES))
    return f"""
CREATE TABLE recount.expected AS
SELECT customer_id,
    count(*) FILTER (WHERE NOT is_reversal)::int AS transactions, count(*) FILTER (WHERE is_reversal)::int AS reversals,
    sum(foreign_currency)::int AS foreign_currency_transactions, sum(credit)::bigint AS credits_minor,
    sum(debit)::bigint AS debits_minor, sum(penalty)::int AS penalty_interests, sum(overdraft)::int AS overdrafts,
    max(as_of) AS sums_as_of,
    min((at AT TIME ZONE 'Asia/Shanghai')::date) FILTER (WHERE is_activity) AS active_days_from,
    count(DISTINCT (at AT TIME ZONE 'Asia/Shanghai')::date) FILTER (WHERE is_activity)::int AS active_day_count,
    min(at) FILTER (WHERE is_activity) AS first_activity_at, max(at) FILTER (WHERE is_activity) AS last_activity_at,
    {decayed}
FROM (SELECT *, max(at) OVER (PARTITION BY customer_id) AS as_of FROM recount.postings) AS p GROUP BY customer_id;
"""


def _compared() -> str:
    """Both sides of every customer: `e_…` expected, `s_…` standing; a customer who is on one side only has a null."""
    columns = ", ".join(f"e_{name}, s_{name}" for name in EXACT)
    wrong = " || ".join(f"CASE WHEN e_{name} IS DISTINCT FROM s_{name} THEN ' {name}' ELSE '' END" for name in EXACT)
    off = " || ".join(
        f"CASE WHEN abs(s.{name} - e.{name}) > 1e-9 * e.{name}_gross THEN ' {name}' ELSE '' END"
        for name in (f"{name}_{days}d" for name, days in product(SUMS, HALF_LIVES))
    )
    derived = {
        "active_day_count": "coalesce(bit_count(s.active_days), 0)::int",
        "held": "s.holdings",
    }
    elsewhere = {
        "opening_minor": "coalesce(o.opening_minor, 0)",
        "holdings_revision": "coalesce(h.revision, 0)",
        "held": "coalesce(h.holdings, '{}')",
    }
    counts = {*EXACT[:8], "active_day_count"}
    ours = ", ".join(f"{derived.get(name, f's.{name}')} AS s_{name}" for name in EXACT)
    theirs = ", ".join(
        f"{elsewhere.get(name, f'coalesce(e.{name}, 0)' if name in counts else f'e.{name}')} AS e_{name}"
        for name in EXACT
    )
    return f"""
CREATE TABLE recount.compared AS
SELECT customer_id, {wrong} || decayed_off AS wrong, {columns} FROM (
    SELECT k.customer_id, {theirs}, {ours}, coalesce({off}, '') AS decayed_off
    FROM (SELECT DISTINCT customer_id FROM recount.book UNION SELECT customer_id FROM standings) AS k
    LEFT JOIN recount.expected e USING (customer_id) LEFT JOIN recount.openings o USING (customer_id)
    LEFT JOIN recount.holdings h USING (customer_id) LEFT JOIN standings s USING (customer_id)
) AS both_sides;
"""


def recount() -> str:
    """From the filled book to `recount.compared`: one row a customer, `wrong` names the columns that differ."""
    return _POSTINGS + _OPENINGS + _HOLDINGS + _expected() + _compared()


# -- what is asked of it

CUSTOMERS = "SELECT count(*) FROM recount.compared"
LOST = (
    "SELECT coalesce(sum(greatest(e_transactions - coalesce(s_transactions, 0), 0) + "
    "greatest(e_reversals - coalesce(s_reversals, 0), 0)), 0) FROM recount.compared"
)
DOUBLE = (
    "SELECT coalesce(sum(greatest(s_transactions - e_transactions, 0) + greatest(s_reversals - e_reversals, 0)), 0) "
    "FROM recount.compared"
)
DIFFERENT = "SELECT customer_id, wrong FROM recount.compared WHERE wrong <> '' ORDER BY 1"
UNBALANCED = (
    "SELECT o.topic || '/' || o.partition FROM consumer_offsets o "
    "WHERE o.received <> o.applied + o.duplicate + o.skipped + o.dead_lettered "
    "+ (SELECT count(*) FROM parked p WHERE p.topic = o.topic AND p.partition = o.partition)"
)
COUNTS = "SELECT sum(applied), sum(duplicate), sum(skipped), sum(dead_lettered) FROM consumer_offsets"

_SAME = (
    "t.customer_id = d.customer_id AND t.revision = d.revision AND t.tier = d.tier AND t.points = d.points AND "
    "t.old_tier IS NOT DISTINCT FROM d.old_tier AND t.decided_at = d.decided_at"
)
DECISIONS = "SELECT count(*) FROM decisions"
UNTOLD = f"SELECT count(*) FROM decisions d WHERE NOT EXISTS (SELECT FROM recount.told t WHERE {_SAME})"
UNFOUNDED = f"SELECT count(*) FROM recount.told t WHERE NOT EXISTS (SELECT FROM decisions d WHERE {_SAME})"
TWO_IDS = (
    "SELECT count(*) FROM (SELECT FROM recount.told GROUP BY customer_id, revision "
    "HAVING count(DISTINCT event_id) > 1) AS x"
)
GAPS = (
    "SELECT count(*) FROM (SELECT d.customer_id FROM decisions d JOIN standings s USING (customer_id) "
    "GROUP BY d.customer_id, s.revision HAVING min(d.revision) <> 1 OR max(d.revision) <> count(*) "
    "OR max(d.revision) <> s.revision) AS x"
)
# A relay that was killed may send again; what matters is that a revision is never first seen after a higher one.
_SEEN = "SELECT customer_id, revision, min(record_offset) AS first_seen FROM recount.told GROUP BY 1, 2"
OUT_OF_ORDER = (
    "SELECT count(*) FROM (SELECT revision, lag(revision) OVER (PARTITION BY customer_id ORDER BY first_seen) "
    f"AS before FROM ({_SEEN}) AS seen) AS x WHERE before > revision"
)
TOLD_AGAIN = "SELECT count(*) - count(DISTINCT event_id) FROM recount.told"
