"""Stages, interventions and the copy of segments recounted: by the words of the book and by what was told of each.

Where a stage follows from the clock as well, as by the customer's own rhythm, only those customers are held against the
book whose stage it leaves no doubt about: the rest is what the chain of their changes and the facts told of it say.
"""

from tests.faults.recount.book import Kind

HEARD = ("account-changed", "segment-changed")
TOPICS = ("lifecycle-changed", "intervention-changed", "contact-requested")

# Nobody who is still due, as while the bank was not heard lately.
# Nobody within a day of a boundary, and no file that an act ever named: of those the person's facts count.
SCRIPT = """
CREATE TABLE recount.accounts AS
SELECT DISTINCT ON (customer_id, account_id) customer_id, fact ->> 'account_id' AS account_id,
    (fact ->> 'as_of')::timestamptz AS as_of, fact ->> 'status' <> 'closed' AS is_open
FROM recount.book WHERE what = 'account-changed'
ORDER BY customer_id, fact ->> 'account_id', (fact ->> 'as_of')::timestamptz DESC;
CREATE TABLE recount.kept_accounts AS
SELECT l.customer_id, one.key AS account_id, (one.value ->> 0)::timestamptz AS as_of,
    (one.value ->> 1)::boolean AS is_open
FROM lifecycles l, jsonb_each(l.accounts) AS one;
CREATE TABLE recount.stages AS
SELECT k.customer_id, CASE
        WHEN a.left_open = 0 THEN 'lost'
        WHEN coalesce(e.active_day_count, 0) = 0 THEN 'potential'
        WHEN e.last_activity_at < now() - interval '89 days' THEN NULL
        WHEN e.active_day_count >= 10 AND e.active_days_from < current_date - 92 THEN 'mature'
        WHEN e.active_day_count < 10 OR e.active_days_from > current_date - 88 THEN 'new'
    END AS stage
FROM (SELECT customer_id FROM recount.book WHERE what IN ('posting', 'use', 'account-changed') GROUP BY 1) AS k
LEFT JOIN recount.expected e USING (customer_id)
LEFT JOIN (SELECT customer_id, count(*) FILTER (WHERE is_open) AS left_open FROM recount.accounts GROUP BY 1) AS a
    USING (customer_id)
WHERE EXISTS (
    SELECT FROM recount.book b WHERE b.customer_id = k.customer_id
    AND (b.what IN ('use', 'account-changed') OR (b.is_own AND b.reverses_at IS NULL))
) AND k.customer_id NOT IN (SELECT customer_id FROM merged_files);
CREATE TABLE recount.segments AS
SELECT DISTINCT ON (customer_id) customer_id, fact ->> 'segment' AS segment, (fact ->> 'revision')::bigint AS revision,
    (fact ->> 'since')::timestamptz AS since
FROM recount.book WHERE what = 'segment-changed' ORDER BY customer_id, (fact ->> 'revision')::bigint DESC;
CREATE TABLE recount.done AS
SELECT e.intervention_id::text, e.move, e.step::int, e.happened_at, count(*) AS n
FROM intervention_events e GROUP BY 1, 2, 3, 4;
CREATE TABLE recount.told_done AS
SELECT fact ->> 'intervention_id' AS intervention_id, fact ->> 'change' AS move, (fact ->> 'step')::int AS step,
    (fact ->> 'changed_at')::timestamptz AS happened_at, count(DISTINCT event_id) AS n
FROM recount.told WHERE topic = 'intervention-changed' GROUP BY 1, 2, 3, 4;
INSERT INTO recount.compared (customer_id, lost, double, wrong)
SELECT customer_id, (s.customer_id IS NULL)::int, (e.customer_id IS NULL)::int,
    CASE WHEN (e.as_of, e.is_open) IS DISTINCT FROM (s.as_of, s.is_open) THEN ' stage.account' ELSE '' END
FROM recount.accounts e FULL JOIN recount.kept_accounts s USING (customer_id, account_id)
UNION ALL
SELECT customer_id, (s.stage IS NULL)::int, 0,
    CASE WHEN e.stage <> s.stage AND coalesce(s.due_at > now(), true) THEN ' stage' ELSE '' END
FROM recount.stages e LEFT JOIN lifecycles s USING (customer_id)
UNION ALL
SELECT customer_id, 0, 0, ' segment' FROM recount.segments e FULL JOIN segments s USING (customer_id)
WHERE (e.segment, e.revision, e.since) IS DISTINCT FROM (s.segment, s.revision, s.since);
ANALYZE recount.told, recount.done, recount.told_done;
"""

_SAME_STAGE = (
    "t.topic = 'lifecycle-changed' AND t.customer_id = c.customer_id "
    "AND (t.fact ->> 'revision')::int = c.revision AND t.fact ->> 'stage' = c.stage "
    "AND t.fact ->> 'previous' IS NOT DISTINCT FROM c.previous AND t.fact ->> 'rule' = c.rule "
    "AND (t.fact ->> 'since')::timestamptz = c.happened_at"
)
_STAGES_UNTOLD = (
    f"SELECT count(*) FROM lifecycle_transitions c WHERE NOT EXISTS (SELECT FROM recount.told t WHERE {_SAME_STAGE})"
)
_STAGES_UNFOUNDED = (
    "SELECT count(*) FROM recount.told t WHERE t.topic = 'lifecycle-changed' "
    f"AND NOT EXISTS (SELECT FROM lifecycle_transitions c WHERE {_SAME_STAGE})"
)
_STAGES_TWICE = (
    "SELECT count(*) FROM (SELECT FROM recount.told t WHERE topic = 'lifecycle-changed' "
    "GROUP BY customer_id, t.fact ->> 'revision' HAVING count(DISTINCT event_id) > 1) AS x"
)
_BROKEN_CHAINS = (
    "SELECT count(*) FROM (SELECT customer_id, revision, previous, "
    "row_number() OVER of AS nth, lag(stage) OVER of AS before "
    "FROM lifecycle_transitions WINDOW of AS (PARTITION BY customer_id ORDER BY revision)) AS x "
    "WHERE revision <> nth OR previous IS DISTINCT FROM before"
)
_NOT_THE_LAST = (
    "SELECT count(*) FROM lifecycles l LEFT JOIN lifecycle_transitions c USING (customer_id, revision) "
    "WHERE (l.stage, l.since, l.rule) IS DISTINCT FROM (c.stage, c.happened_at, c.rule)"
)
_ALERTS_WITHOUT = (
    "SELECT count(*) FROM alerts a LEFT JOIN interventions i USING (alert_id) WHERE a.playbook IS NOT NULL "
    "AND (i.customer_id, i.playbook, i.playbook_version, i.arm, i.opened_at) "
    "IS DISTINCT FROM (a.customer_id, a.playbook, a.playbook_version, a.arm, a.opened_at)"
)
_GONE_ON = (
    "SELECT count(*) FROM interventions i JOIN alerts a USING (alert_id) "
    "WHERE a.status = 'closed' AND i.status NOT IN ('done', 'cancelled')"
)
_STEPS_UNCOUNTED = (
    "SELECT count(*) FROM interventions i WHERE revision <> "
    "(SELECT count(*) FROM intervention_events e WHERE e.intervention_id = i.intervention_id)"
)
_DONE_UNTOLD = (
    "SELECT count(*) FROM recount.done d WHERE NOT EXISTS (SELECT FROM recount.told_done t "
    "WHERE (t.intervention_id, t.move, t.happened_at, t.n) = (d.intervention_id, d.move, d.happened_at, d.n) "
    "AND t.step IS NOT DISTINCT FROM d.step)"
)
_DONE_UNFOUNDED = (
    "SELECT count(*) FROM recount.told_done t WHERE NOT EXISTS (SELECT FROM recount.done d "
    "WHERE (t.intervention_id, t.move, t.happened_at, t.n) = (d.intervention_id, d.move, d.happened_at, d.n) "
    "AND t.step IS NOT DISTINCT FROM d.step)"
)
_UNASKED = (
    "SELECT count(*) FROM intervention_steps s WHERE s.request_id IS NOT NULL AND NOT EXISTS (SELECT "
    "FROM recount.told t WHERE t.topic = 'contact-requested' AND t.fact ->> 'request_id' = s.request_id)"
)

FIGURES = {
    "changes of stage": "SELECT count(*) FROM lifecycle_transitions",
    "stages that the book leaves no doubt about": "SELECT count(*) FROM recount.stages WHERE stage IS NOT NULL",
    "steps of interventions": "SELECT count(*) FROM intervention_events",
    "segments": "SELECT count(*) FROM segments",
}
DEMANDS: tuple[tuple[Kind, str, str], ...] = (
    ("untold", _STAGES_UNTOLD, "changes of stage are not on Kafka"),
    ("unfounded", _STAGES_UNFOUNDED, "stages on Kafka that nobody decided"),
    ("double", _STAGES_TWICE, "changes of stage were told under two ids"),
    ("disordered", _BROKEN_CHAINS, "changes of stage that do not follow from the one before"),
    ("disordered", _NOT_THE_LAST, "customers in another stage than their last change says"),
    ("lost", _ALERTS_WITHOUT, "alerts whose playbook was not begun as they say"),
    ("disordered", _GONE_ON, "interventions that go on though their alert is closed"),
    ("different", _STEPS_UNCOUNTED, "interventions with other steps than they count"),
    ("untold", _DONE_UNTOLD, "steps of interventions are not on Kafka"),
    ("unfounded", _DONE_UNFOUNDED, "steps of interventions on Kafka that nobody took"),
    ("untold", _UNASKED, "messages were begun and not asked for"),
)
