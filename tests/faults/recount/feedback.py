"""Feedback recounted: one case for each thing said, one tier for each customer, each of their facts told once.

Which tier a case was opened with, and of which file of the person, is a matter of the order of topics, so its priority
is one of two.
"""

from tests.faults.recount import persons
from tests.faults.recount.book import Recount

_SCRIPT = """
CREATE TABLE recount.together AS
SELECT DISTINCT one AS customer_id, other FROM recount.book, jsonb_array_elements(fact -> 'persons') AS person,
    jsonb_array_elements_text(person -> 'files') AS one, jsonb_array_elements_text(person -> 'files') AS other
WHERE what IN ('customers-merged', 'customers-unmerged');
CREATE TABLE recount.high AS
WITH of_file AS (SELECT DISTINCT customer_id FROM recount.book WHERE what = 'tier-changed' AND fact ->> 'tier' = 'high')
SELECT customer_id FROM of_file
UNION SELECT o.customer_id FROM recount.together o JOIN of_file f ON f.customer_id = o.other;
CREATE TABLE recount.said AS
SELECT *, CASE WHEN kind = 'complaint' OR is_unhappy THEN 'negative' WHEN rating >= 4 THEN 'positive'
        WHEN kind = 'praise' AND rating IS NULL THEN 'positive' ELSE 'neutral' END AS sentiment,
    (ARRAY['low', 'medium', 'high'])[1 + steps] AS severity,
    CASE WHEN is_unhappy OR kind IN ('complaint', 'enquiry', 'suggestion') THEN 'opened' ELSE 'recorded' END AS status,
    (ARRAY['normal', 'high', 'urgent'])[1 + steps:1 + steps + raised] AS priorities
FROM (
    SELECT *, (kind = 'complaint')::int + is_unhappy::int AS steps,
        (kind <> 'complaint' AND customer_id IN (SELECT customer_id FROM recount.high))::int AS raised
    FROM (
        SELECT customer_id, fact ->> 'product' AS product, fact ->> 'kind' AS kind, (fact ->> 'rating')::int AS rating,
            coalesce((fact ->> 'rating')::int <= 2, false) AS is_unhappy, fact ->> 'channel' AS channel,
            fact ->> 'language' AS language, fact ->> 'unit' AS unit, fact ->> 'text' <> '' AS has_words,
            (fact ->> 'submitted_at')::timestamptz AS submitted_at
        FROM recount.book WHERE what = 'feedback-submitted'
    ) AS f
) AS g;
CREATE TABLE recount.tiers AS
SELECT DISTINCT ON (customer_id) customer_id, fact ->> 'tier' AS tier, (fact ->> 'revision')::bigint AS revision,
    (fact ->> 'decided_at')::timestamptz AS decided_at
FROM recount.book WHERE what = 'tier-changed' ORDER BY customer_id, (fact ->> 'revision')::bigint DESC;
CREATE TABLE recount.compared AS
SELECT customer_id, CASE WHEN s.product IS NULL OR c.product IS NULL THEN '' ELSE
        CASE WHEN s.channel IS DISTINCT FROM c.channel THEN ' channel' ELSE '' END
        || CASE WHEN s.kind IS DISTINCT FROM c.kind THEN ' kind' ELSE '' END
        || CASE WHEN s.rating IS DISTINCT FROM c.rating THEN ' rating' ELSE '' END
        || CASE WHEN s.language IS DISTINCT FROM c.language THEN ' language' ELSE '' END
        || CASE WHEN s.unit IS DISTINCT FROM c.unit THEN ' unit' ELSE '' END
        || CASE WHEN s.has_words IS DISTINCT FROM (c.text IS NOT NULL) THEN ' text' ELSE '' END
        || CASE WHEN s.submitted_at IS DISTINCT FROM c.submitted_at THEN ' submitted_at' ELSE '' END
        || CASE WHEN s.sentiment IS DISTINCT FROM c.sentiment THEN ' sentiment' ELSE '' END
        || CASE WHEN s.severity IS DISTINCT FROM c.severity THEN ' severity' ELSE '' END
        || CASE WHEN s.status IS DISTINCT FROM c.status THEN ' status' ELSE '' END
        || CASE WHEN c.priority = ANY(s.priorities) THEN '' ELSE ' priority' END
    END AS wrong, (c.product IS NULL)::int AS lost, (s.product IS NULL OR c.nth > 1)::int AS double
FROM recount.said s FULL JOIN (
    SELECT *, row_number() OVER (PARTITION BY customer_id, product ORDER BY case_id) AS nth FROM cases
) AS c USING (customer_id, product)
UNION ALL
SELECT customer_id, ' tier', 0, 0 FROM recount.tiers t FULL JOIN tiers s USING (customer_id)
WHERE (t.tier, t.revision, t.decided_at) IS DISTINCT FROM (s.tier, s.revision, s.decided_at);
ANALYZE recount.told, recount.compared, cases, case_clocks, case_events;
"""

_SAME_CASE = "t.customer_id = c.customer_id AND (t.fact ->> 'case_id')::uuid = c.case_id"
_CLASSIFIED = (
    f"t.topic = 'feedback-classified' AND {_SAME_CASE} AND t.fact ->> 'kind' = c.kind "
    "AND t.fact ->> 'sentiment' = c.sentiment AND t.fact ->> 'severity' = c.severity "
    "AND t.fact ->> 'channel' = c.channel AND (t.fact ->> 'submitted_at')::timestamptz = c.submitted_at"
)
_OPENED = (
    f"t.topic = 'case-changed' AND {_SAME_CASE} AND t.fact ->> 'status' = 'opened' AND c.status = 'opened' "
    "AND t.fact ->> 'priority' = c.priority AND (t.fact ->> 'changed_at')::timestamptz = c.opened_at"
)
_RAN_OUT = (
    f"t.topic = 'response-overdue' AND {_SAME_CASE} AND t.fact ->> 'clock' = c.clock "
    "AND (t.fact ->> 'due_at')::timestamptz = c.breached_at"
)
_FOUNDED = {"cases": (_CLASSIFIED, _OPENED), "case_clocks": (_RAN_OUT,)}
_UNFOUNDED = "SELECT count(*) FROM recount.told t WHERE " + " AND ".join(
    f"NOT EXISTS (SELECT FROM {table} c WHERE {same})" for table, every in _FOUNDED.items() for same in every
)


def _untold(rows: str, same: str) -> str:
    return f"SELECT count(*) FROM {rows} AND NOT EXISTS (SELECT FROM recount.told t WHERE {same})"


_TWO_IDS = (
    "SELECT count(*) FROM (SELECT FROM recount.told GROUP BY topic, fact ->> 'case_id', fact ->> 'clock' "
    "HAVING count(DISTINCT event_id) > 1) AS x"
)
_WRONG_CLOCKS = (
    "SELECT count(*) FROM (SELECT FROM cases c LEFT JOIN case_clocks k USING (case_id) "
    "GROUP BY c.case_id HAVING count(k.clock) <> CASE c.status WHEN 'opened' THEN 2 ELSE 0 END "
    "OR bool_or(k.deadline_at <> c.submitted_at + interval '24 hours')) AS x"
)
_WRONG_HISTORY = (
    "SELECT count(*) FROM ("
    "SELECT case_id, status AS happening, submitted_at AS at FROM cases UNION ALL "
    "SELECT case_id, clock || '-overdue', breached_at FROM case_clocks WHERE breached_at IS NOT NULL"
    ") AS h FULL JOIN case_events e USING (case_id, happening) WHERE h.at IS DISTINCT FROM e.happened_at"
)

FEEDBACK = Recount(
    heard=("feedback-submitted", "tier-changed", *persons.TOPICS),
    script=_SCRIPT + persons.COPIES,
    figures={
        "cases": "SELECT count(*) FROM cases",
        "clocks that ran out": "SELECT count(*) FROM case_clocks WHERE breached_at IS NOT NULL",
        "of them while the case was open": (
            "SELECT count(*) FROM case_clocks k JOIN cases c USING (case_id) WHERE k.breached_at > c.opened_at"
        ),
        **persons.FIGURES,
    },
    demands=(
        ("untold", _untold("cases c WHERE true", _CLASSIFIED), "cases were not told as classified"),
        ("untold", _untold("cases c WHERE status = 'opened'", _OPENED), "cases were not told as opened"),
        ("untold", _untold("case_clocks c WHERE breached_at IS NOT NULL", _RAN_OUT), "breaches are not on Kafka"),
        ("unfounded", _UNFOUNDED, "facts on Kafka that nobody decided"),
        ("unfounded", _TWO_IDS, "facts were told under two ids"),
        ("different", _WRONG_CLOCKS, "cases without their two clocks of 24 hours"),
        ("different", _WRONG_HISTORY, "lines of the history that are missing or too many"),
    ),
    due="SELECT count(*) FROM case_clocks WHERE due_at < now() + interval '1 hour'",
)
