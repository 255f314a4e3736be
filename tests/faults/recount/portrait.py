"""The portraits of customer-profile recounted: months of postings, the last uses of channels, words of other services.

What is kept of words is the latest of each kind: by revision where there is one, by its own time where there is none,
and of a classification by when it was told. Uses of one moment are alike, so they are counted, not told apart.
"""

_KINDS = """
    ('holding', 'holdings', NULL, 'as_of'), ('risk-assessed', 'risk-preference', NULL, 'assessed_at'),
    ('tier-changed', 'tier', NULL, 'decided_at'), ('lifecycle-changed', 'lifecycle', NULL, 'as_of'),
    ('risk-threshold-crossed', 'churn-risk', NULL, 'crossed_at'), ('case-changed', 'case', 'case_id', 'changed_at'),
    ('feedback-classified', 'case-class', 'case_id', 'submitted_at')
"""
HEARD = (
    *("posting", "use", "holding", "risk-assessed", "tier-changed", "lifecycle-changed"),
    *("risk-threshold-crossed", "case-changed", "feedback-classified"),
)

_WORDS = f"""
CREATE TABLE recount.words AS
SELECT DISTINCT ON (customer_id, kind, item) customer_id, kind, item, as_of, fact FROM (
    SELECT customer_id, at, fact, k.kind, coalesce(fact ->> k.item, '') AS item,
        (fact ->> k.moment)::timestamptz AS as_of
    FROM recount.book JOIN (VALUES {_KINDS}) AS k(what, kind, item, moment) USING (what)
) AS w
ORDER BY customer_id, kind, item,
    coalesce((fact ->> 'revision')::numeric, extract(epoch FROM CASE kind WHEN 'case-class' THEN at ELSE as_of END))
    DESC;
INSERT INTO recount.words SELECT customer_id, 'interaction', nth::text, at, fact FROM (
    SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY at DESC) AS nth FROM recount.book WHERE what = 'use'
) AS u WHERE nth <= 20;
CREATE VIEW recount.kept_words AS
SELECT customer_id, kind, as_of, document, CASE kind WHEN 'interaction' THEN (
    row_number() OVER (PARTITION BY customer_id, kind ORDER BY as_of DESC)
)::text ELSE item END AS item FROM portrait_facts;
"""

# A posting that is taken back is so in the month it had happened in, whenever that was told.
_MONTHS = """
CREATE TABLE recount.posted AS
SELECT customer_id, date_trunc('month', coalesce(reverses_at, at) AT TIME ZONE 'Asia/Shanghai')::date AS month, at,
    currency, CASE WHEN is_credit = (sign = 1) THEN 'credit' ELSE 'debit' END AS direction, kind, sign, minor
FROM (SELECT *, CASE WHEN reverses_at IS NULL THEN 1 ELSE -1 END AS sign FROM recount.book WHERE what = 'posting') AS b;
CREATE TABLE recount.sums AS
SELECT customer_id, month, currency, direction, kind, sum(sign) AS n, sum(sign * minor) AS minor FROM recount.posted
GROUP BY 1, 2, 3, 4, 5 HAVING sum(sign) <> 0 OR sum(sign * minor) <> 0;
CREATE VIEW recount.kept_sums AS
SELECT customer_id, month, one ->> 0 AS currency, one ->> 1 AS direction, one ->> 2 AS kind, (one ->> 3)::bigint AS n,
    (one ->> 4)::bigint AS minor
FROM portrait_months, jsonb_array_elements(entries) AS one;
"""

# The wire leaves out what is not known, the table says null.
_COMPARED = """
INSERT INTO recount.compared (customer_id, lost, double, wrong)
SELECT customer_id, (s.as_of IS NULL)::int, (e.as_of IS NULL)::int, CASE WHEN e.as_of IS NULL OR s.as_of IS NULL THEN ''
    WHEN (e.as_of, jsonb_strip_nulls(e.fact - 'customer_id'))
        IS DISTINCT FROM (s.as_of, jsonb_strip_nulls(s.document)) THEN ' portrait.' || kind ELSE '' END
FROM recount.words e FULL JOIN recount.kept_words s USING (customer_id, kind, item)
UNION ALL
SELECT customer_id, greatest(coalesce(e.n, 0) - coalesce(s.n, 0), 0), greatest(coalesce(s.n, 0) - coalesce(e.n, 0), 0),
    CASE WHEN e.minor IS DISTINCT FROM s.minor THEN ' portrait.sum' ELSE '' END
FROM recount.sums e FULL JOIN recount.kept_sums s USING (customer_id, month, currency, direction, kind)
UNION ALL
SELECT customer_id, 0, 0, ' portrait.month' FROM (
    SELECT customer_id, month, max(at) AS as_of FROM recount.posted GROUP BY 1, 2
) AS e FULL JOIN portrait_months s USING (customer_id, month) WHERE e.as_of IS DISTINCT FROM s.as_of;
"""

SCRIPT = _WORDS + _MONTHS + _COMPARED
FIGURES = {
    "words of others in portraits": "SELECT count(*) FROM portrait_facts WHERE kind <> 'interaction'",
    "uses of channels no longer kept": (
        "SELECT (SELECT count(*) FROM recount.book WHERE what = 'use') "
        "- (SELECT count(*) FROM portrait_facts WHERE kind = 'interaction')"
    ),
    "months of postings": "SELECT count(*) FROM portrait_months",
}
