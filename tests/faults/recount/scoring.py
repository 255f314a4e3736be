"""Scoring recounted: standings from postings and holdings, and each decision on its tier told once."""

from tests.faults.recount import persons
from tests.faults.recount.book import Recount
from tests.faults.recount.folding import COME, Folding

_EXPECTED = """
CREATE VIEW recount.first_day AS
SELECT *, min(booked_at) FILTER (WHERE balance_after IS NOT NULL) OVER (PARTITION BY account_id) AS first_report FROM (
    SELECT *, min(booked_at) OVER (PARTITION BY account_id) AS first_booking
    FROM recount.postings WHERE foreign_currency = 0
) AS p WHERE booked_at < first_booking + interval '24 hours';
CREATE TABLE recount.openings AS
SELECT customer_id, sum(balance_before)::bigint AS opening_minor FROM (
    SELECT DISTINCT ON (account_id) customer_id, account_id, balance_after - booked AS balance_before FROM (
        SELECT *, sum(signed) OVER (PARTITION BY account_id) AS booked
        FROM recount.first_day WHERE booked_at <= first_report
    ) AS until_report WHERE balance_after IS NOT NULL
    ORDER BY account_id, abs(balance_after - booked), balance_after - booked
) AS accounts GROUP BY customer_id;
CREATE TABLE recount.holdings AS
SELECT DISTINCT ON (customer_id) customer_id, revision AS holdings_revision, holdings AS held FROM recount.book
WHERE what = 'holding' ORDER BY customer_id, revision DESC;
CREATE TABLE recount.active_days AS
SELECT customer_id, min(day) AS active_days_from, count(*)::int AS active_day_count FROM (
    SELECT customer_id, (at AT TIME ZONE 'Asia/Shanghai')::date AS day FROM recount.postings WHERE own <> 0
    GROUP BY 1, 2 HAVING sum(sign) > 0
) AS active GROUP BY customer_id;
CREATE TABLE recount.months AS
SELECT customer_id, month, sum(moved) FILTER (WHERE of = month)::bigint AS month_moved,
    sum(moment) FILTER (WHERE of = month)::bigint AS month_moment,
    sum(moved) FILTER (WHERE of = month - 1)::bigint AS month_moved_before,
    sum(moment) FILTER (WHERE of = month - 1)::bigint AS month_moment_before
FROM (
    SELECT customer_id, of, max(of) OVER (PARTITION BY customer_id) AS month, credit - debit AS moved,
        (credit - debit) * (extract(day FROM local) - 1) AS moment
    FROM (
        SELECT *, at AT TIME ZONE 'Asia/Shanghai' AS local,
            (extract(year FROM at AT TIME ZONE 'Asia/Shanghai') * 12
                + extract(month FROM at AT TIME ZONE 'Asia/Shanghai') - 1)::int AS of
        FROM recount.postings WHERE foreign_currency = 0
    ) AS dated
) AS by_month GROUP BY customer_id, month;
CREATE TABLE recount.expected AS
SELECT * FROM (
    SELECT customer_id,
        sum(sign)::int AS transactions,
        sum(foreign_currency)::int AS foreign_currency_transactions, sum(credit)::bigint AS credits_minor,
        sum(debit)::bigint AS debits_minor, sum(penalty)::int AS penalty_interests, sum(overdraft)::int AS overdrafts,
        (sum(credit + debit) FILTER (WHERE own <> 0))::bigint AS own_minor
    FROM recount.postings GROUP BY customer_id
) AS p FULL JOIN recount.active_days USING (customer_id) FULL JOIN recount.months USING (customer_id)
FULL JOIN recount.openings USING (customer_id) FULL JOIN recount.holdings USING (customer_id);
CREATE VIEW recount.folded AS SELECT * FROM recount.postings;
"""

_REVISION = "(t.fact ->> 'revision')::int"
_SAME = (
    f"t.customer_id = d.customer_id AND {_REVISION} = d.revision AND t.fact ->> 'tier' = d.tier "
    "AND (t.fact ->> 'points')::int = d.points AND t.fact ->> 'old_tier' IS NOT DISTINCT FROM d.old_tier "
    "AND (t.fact ->> 'decided_at')::timestamptz = d.decided_at"
)
_UNTOLD = f"SELECT count(*) FROM decisions d WHERE NOT EXISTS (SELECT FROM recount.told t WHERE {_SAME})"
_UNFOUNDED = f"SELECT count(*) FROM recount.told t WHERE NOT EXISTS (SELECT FROM decisions d WHERE {_SAME})"
_TWO_IDS = (
    f"SELECT count(*) FROM (SELECT FROM recount.told t GROUP BY customer_id, {_REVISION} "
    "HAVING count(DISTINCT event_id) > 1) AS x"
)
_GAPS = (
    "SELECT count(*) FROM (SELECT d.customer_id FROM decisions d JOIN standings s USING (customer_id) "
    "GROUP BY d.customer_id, s.revision HAVING min(d.revision) <> 1 OR max(d.revision) <> count(*) "
    "OR max(d.revision) <> s.revision) AS x"
)
# A relay that was killed may send again; what matters is that no revision is first seen after a higher one.
_SEEN = (
    f"SELECT customer_id, {_REVISION} AS revision, min(record_offset) AS first_seen FROM recount.told t GROUP BY 1, 2"
)
_OUT_OF_ORDER = (
    "SELECT count(*) FROM (SELECT revision, lag(revision) OVER (PARTITION BY customer_id ORDER BY first_seen) "
    f"AS before FROM ({_SEEN}) AS seen) AS x WHERE before > revision"
)

_FOLDING = Folding(
    heard=("posting", "holding"),
    table="standings",
    expected=_EXPECTED,
    exact={
        "transactions": "s.transactions",
        "foreign_currency_transactions": "s.foreign_currency_transactions",
        "credits_minor": "s.credits_minor",
        "debits_minor": "s.debits_minor",
        "opening_minor": "s.opening_minor",
        "penalty_interests": "s.penalty_interests",
        "overdrafts": "s.overdrafts",
        "active_days_from": "s.active_days_from",
        "active_day_count": "coalesce(bit_count(s.active_days), 0)::int",
        "own_minor": "s.own_minor",
        "month": "s.month",
        "month_moved": "s.month_moved",
        "month_moment": "s.month_moment",
        "month_moved_before": "s.month_moved_before",
        "month_moment_before": "s.month_moment_before",
        "holdings_revision": "s.holdings_revision",
        "held": "CASE WHEN s.holdings_revision > 0 THEN s.holdings END",
    },
    counts=("transactions",),
    zero=(
        *("foreign_currency_transactions", "credits_minor", "debits_minor", "opening_minor", "penalty_interests"),
        *("overdrafts", "active_day_count", "holdings_revision", "own_minor", "month"),
        *("month_moved", "month_moment", "month_moved_before", "month_moment_before"),
    ),
    sums={
        "credits": "credit",
        "debits": "debit",
        "own": "own",
        "penalties": "penalty",
        "overdrafts": "overdraft",
    },
)

SCORING = Recount(
    heard=(*_FOLDING.heard, *persons.TOPICS),
    script=_FOLDING.script() + persons.COPIES,
    figures={"decisions": "SELECT count(*) FROM decisions", **persons.FIGURES},
    demands=(
        ("untold", _UNTOLD, "decisions are not on Kafka"),
        ("unfounded", _UNFOUNDED, "facts on Kafka that nobody decided"),
        ("unfounded", _TWO_IDS, "decisions were told under two ids"),
        ("disordered", _GAPS, "customers whose revisions have a gap"),
        ("disordered", _OUT_OF_ORDER, "facts were first told after a later one"),
    ),
    due=COME,
)
