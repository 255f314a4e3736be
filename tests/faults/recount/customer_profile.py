"""Customer-profile recounted, as far as SQL sees without keys: of identity, which of its fields there are.

How often a file changed, and what was told in between, is a matter of the order of two topics; the last word is not.
"""

from tests.faults.recount import persons, portrait
from tests.faults.recount.book import Recount

_FACTS = ("type", "status", "unit", "region", "relationship_manager", "gender")
_FILE = (*_FACTS, "birth_year", "customer_since", "customer_class", "age_band", "open_accounts", "recorded_at")
_IDENTITY = ("full_name", "id_type", "id_number", "phone", "email", "address")
_ACCOUNT = ("type", "status", "opened_on", "closed_on", "balance_minor", "currency", "as_of")


def _differing(columns: tuple[str, ...], *, prefix: str = "") -> str:
    return " || ".join(
        f"CASE WHEN e.{name} IS DISTINCT FROM s.{name} THEN ' {prefix}{name}' ELSE '' END" for name in columns
    )


_HAS = ", ".join(f"(fact -> 'identity' ->> '{name}') IS NOT NULL AS has_{name}" for name in _IDENTITY)
_HAS_OTHERS = " || ".join(
    f"CASE WHEN e.has_{name} <> (s.{name} IS NOT NULL) THEN ' {name}' ELSE '' END" for name in _IDENTITY
)
# Every word about an account of a customer without a file waits for it.
_SCRIPT = f"""
CREATE TABLE recount.files AS
SELECT DISTINCT ON (customer_id) customer_id, {", ".join(f"fact ->> '{name}' AS {name}" for name in _FACTS)},
    (fact ->> 'birth_year')::int AS birth_year, (fact ->> 'customer_since')::date AS customer_since,
    (fact ->> 'recorded_at')::timestamptz AS recorded_at, {_HAS}
FROM recount.book WHERE what = 'customer-recorded' ORDER BY customer_id, (fact ->> 'recorded_at')::timestamptz DESC;
CREATE TABLE recount.accounts AS
SELECT DISTINCT ON (customer_id, account_id) customer_id, fact ->> 'account_id' AS account_id, fact ->> 'type' AS type,
    fact ->> 'status' AS status, (fact ->> 'opened_on')::date AS opened_on, (fact ->> 'closed_on')::date AS closed_on,
    replace(fact ->> 'balance', '.', '')::bigint AS balance_minor, fact ->> 'currency' AS currency,
    (fact ->> 'as_of')::timestamptz AS as_of
FROM recount.book JOIN recount.files USING (customer_id)
WHERE what = 'account-changed' ORDER BY customer_id, account_id, (fact ->> 'as_of')::timestamptz DESC;
CREATE TABLE recount.expected AS
SELECT *, CASE WHEN open_accounts = 0 THEN 'potential' WHEN relationship_manager IS NULL THEN 'ordinary'
        ELSE 'core' END AS customer_class,
    CASE WHEN age IS NULL THEN 'unknown' WHEN age < 18 THEN 'under-18' WHEN age < 30 THEN '18-29'
        WHEN age < 45 THEN '30-44' WHEN age < 60 THEN '45-59' ELSE '60-plus' END AS age_band
FROM (
    SELECT f.*, extract(year FROM now() AT TIME ZONE 'UTC') - birth_year AS age, (
        SELECT count(*) FROM recount.accounts a WHERE a.customer_id = f.customer_id AND status <> 'closed'
    ) AS open_accounts FROM recount.files f
) AS f;
CREATE TABLE recount.waiting AS
SELECT customer_id, count(*) FROM recount.book b WHERE what = 'account-changed'
    AND NOT EXISTS (SELECT FROM recount.files f WHERE f.customer_id = b.customer_id) GROUP BY customer_id;
CREATE TABLE recount.compared AS
SELECT customer_id, (s.unit IS NULL)::int AS lost, (e.unit IS NULL)::int AS double,
    CASE WHEN s.unit IS NULL OR e.unit IS NULL THEN '' ELSE {_differing(_FILE)} || {_HAS_OTHERS} END AS wrong
FROM recount.expected e FULL JOIN profiles s USING (customer_id)
UNION ALL
SELECT customer_id, (s.type IS NULL)::int, (e.type IS NULL)::int,
    CASE WHEN s.type IS NULL OR e.type IS NULL THEN '' ELSE {_differing(_ACCOUNT, prefix="account.")} END
FROM recount.accounts e FULL JOIN accounts s USING (customer_id, account_id)
UNION ALL
SELECT customer_id, greatest(coalesce(e.count, 0) - coalesce(s.count, 0), 0),
    greatest(coalesce(s.count, 0) - coalesce(e.count, 0), 0), ''
FROM recount.waiting e FULL JOIN (SELECT waiting_for AS customer_id, count(*) FROM parked GROUP BY 1) AS s
USING (customer_id);
CREATE VIEW recount.profiled AS SELECT * FROM recount.told WHERE topic = 'customer-profiled';
ANALYZE recount.told, recount.compared, profiles;
"""

_REVISION = "(t.fact ->> 'revision')::bigint"
_PRESENT = "".join(f" AND t.fact ->> '{name}' IS NOT DISTINCT FROM p.{name}" for name in (*_FACTS, "customer_class"))
_UNTOLD = (
    "SELECT count(*) FROM profiles p LEFT JOIN ("
    f"SELECT DISTINCT ON (customer_id) * FROM recount.profiled t ORDER BY customer_id, {_REVISION} DESC"
    f") AS t ON t.customer_id = p.customer_id AND {_REVISION} <= p.revision{_PRESENT} "
    "AND t.fact ->> 'age_band' = p.age_band AND (t.fact ->> 'as_of')::timestamptz = p.as_of "
    "WHERE t.customer_id IS NULL"
)
_UNFOUNDED = (
    "SELECT count(*) FROM recount.profiled t WHERE NOT EXISTS ("
    f"SELECT FROM profiles p WHERE p.customer_id = t.customer_id AND {_REVISION} <= p.revision)"
)
_TWO_IDS = (
    f"SELECT count(*) FROM (SELECT FROM recount.profiled t GROUP BY customer_id, {_REVISION} "
    "HAVING count(DISTINCT event_id) > 1) AS x"
)
# More than one change a word would be one that was counted twice.
_TOO_MANY = (
    "SELECT count(*) FROM profiles p WHERE revision > "
    "(SELECT count(*) FROM recount.book b WHERE b.customer_id = p.customer_id "
    "AND what IN ('account-changed', 'customer-recorded'))"
)
_SEEN = (
    f"SELECT customer_id, {_REVISION} AS revision, min(record_offset) AS first_seen "
    "FROM recount.profiled t GROUP BY 1, 2"
)
_OUT_OF_ORDER = (
    "SELECT count(*) FROM (SELECT revision, lag(revision) OVER (PARTITION BY customer_id ORDER BY first_seen) "
    f"AS before FROM ({_SEEN}) AS seen) AS x WHERE before > revision"
)
_BEFORE_ITS_CUSTOMER = (
    "SELECT count(*) FROM recount.book b JOIN ("
    "SELECT customer_id, min(event_id) AS first FROM recount.book WHERE what = 'customer-recorded' GROUP BY 1"
    ") AS f USING (customer_id) WHERE what = 'account-changed' AND event_id < first"
)

CUSTOMER_PROFILE = Recount(
    heard=("account-changed", "customer-recorded", *portrait.HEARD, *persons.HEARD),
    script=_SCRIPT + portrait.SCRIPT + persons.SCRIPT,
    figures={
        "files": "SELECT count(*) FROM profiles",
        "accounts": "SELECT count(*) FROM accounts",
        "words about an account before its customer": _BEFORE_ITS_CUSTOMER,
        **portrait.FIGURES,
        "words on merging": "SELECT count(*) FROM merge_acts",
        **persons.FIGURES,
    },
    demands=(
        ("untold", _UNTOLD, "files are not on Kafka as they are now"),
        ("unfounded", _UNFOUNDED, "facts on Kafka that nobody decided"),
        ("unfounded", _TWO_IDS, "revisions were told under two ids"),
        ("disordered", _OUT_OF_ORDER, "facts were first told after a later one"),
        ("double", _TOO_MANY, "files changed more often than they were spoken of"),
        *persons.DEMANDS,
    ),
)
