"""Who is one customer, recounted: in customer-profile from the ECIF's words, in its tables and as told; in the others
from what was told.

Of the words on one pair of files the latest counts; the merges that count are carried out one after the other.
"""

from tests.faults.recount.book import Kind

HEARD = ("customer-merge-recorded",)
TOPICS = ("customers-merged", "customers-unmerged")

_ACTS = """
CREATE TABLE recount.acts AS
SELECT customer_id AS survivor, fact ->> 'merged' AS merged,
    CASE fact ->> 'status' WHEN 'merged' THEN 'merge' ELSE 'unmerge' END AS kind,
    (fact ->> 'recorded_at')::timestamptz AS at
FROM recount.book WHERE what = 'customer-merge-recorded';
CREATE TABLE recount.persons AS
SELECT DISTINCT file AS customer_id, file AS survivor FROM recount.acts, unnest(ARRAY[survivor, merged]) AS file;
DO $$ DECLARE act record; BEGIN
    FOR act IN SELECT * FROM (
        SELECT DISTINCT ON (least(survivor, merged), greatest(survivor, merged)) * FROM recount.acts
        ORDER BY least(survivor, merged), greatest(survivor, merged), at DESC
    ) AS latest WHERE kind = 'merge' ORDER BY at LOOP
        UPDATE recount.persons AS taken SET survivor = one.survivor FROM recount.persons one, recount.persons other
        WHERE one.customer_id = act.survivor AND other.customer_id = act.merged AND taken.survivor = other.survivor;
    END LOOP;
END $$;
"""
_KEPT = """
CREATE VIEW recount.kept_persons AS
SELECT file.customer_id, file.survivor FROM merged_files file JOIN merged_files own
    ON own.customer_id = file.survivor AND own.survivor = own.customer_id AND own.revision = file.revision;
"""
_TOLD = """
CREATE TABLE recount.last_told AS
SELECT DISTINCT ON (customer_id) customer_id, (t.fact ->> 'revision')::bigint AS revision, (
    SELECT person ->> 'survivor' FROM jsonb_array_elements(t.fact -> 'persons') AS person
    WHERE person -> 'files' ? t.customer_id
) AS survivor
FROM recount.told t WHERE topic IN ('customers-merged', 'customers-unmerged') ORDER BY 1, 2 DESC;
"""
# A file that no act that counted has touched has no row, and nothing was told of it.
_COMPARED = """
INSERT INTO recount.compared (customer_id, lost, double, wrong)
SELECT customer_id, 0, 0,
    CASE WHEN e.survivor IS DISTINCT FROM coalesce(s.survivor, customer_id) THEN ' person' ELSE '' END
    || CASE WHEN e.survivor IS DISTINCT FROM coalesce(t.survivor, customer_id) THEN ' told-person' ELSE '' END
FROM recount.persons e FULL JOIN recount.kept_persons s USING (customer_id)
    FULL JOIN recount.last_told t USING (customer_id)
UNION ALL
SELECT survivor, (s.kind IS NULL)::int, (e.kind IS NULL)::int, CASE WHEN e.kind <> s.kind THEN ' act' ELSE '' END
FROM recount.acts e FULL JOIN merge_acts s USING (survivor, merged, at);
"""

SCRIPT = _ACTS + _KEPT + _TOLD + _COMPARED

COPIES = f"""{_KEPT}
CREATE TABLE recount.persons AS
SELECT DISTINCT ON (file) file AS customer_id, person ->> 'survivor' AS survivor
FROM recount.book, jsonb_array_elements(fact -> 'persons') AS person,
    jsonb_array_elements_text(person -> 'files') AS file
WHERE what IN ('customers-merged', 'customers-unmerged') ORDER BY file, (fact ->> 'revision')::bigint DESC;
INSERT INTO recount.compared (customer_id, lost, double, wrong)
SELECT customer_id, 0, 0, ' person' FROM recount.persons e FULL JOIN recount.kept_persons s USING (customer_id)
WHERE e.survivor IS DISTINCT FROM s.survivor;
"""
"""The same of a service that keeps a copy; every act says whole persons, so for each file the last act alone counts."""

FIGURES = {
    "files that are not alone": (
        "SELECT count(*) FROM recount.persons p WHERE survivor IN "
        "(SELECT survivor FROM recount.persons GROUP BY 1 HAVING count(*) > 1)"
    ),
}
_UNFOUNDED = (
    "SELECT count(*) FROM recount.told t WHERE t.topic IN ('customers-merged', 'customers-unmerged') AND NOT EXISTS ("
    "SELECT FROM merge_acts a WHERE a.act_id::text = t.fact ->> 'act_id' "
    "AND a.revision = (t.fact ->> 'revision')::bigint AND t.topic = 'customers-' || a.kind || 'd')"
)
_LAST_UNTOLD = (
    "SELECT count(*) FROM merged_files f LEFT JOIN recount.last_told t USING (customer_id, revision) "
    "WHERE t.customer_id IS NULL"
)
_GAPS = (
    "SELECT count(*) FROM (SELECT revision, row_number() OVER (ORDER BY revision) AS nth FROM merge_acts) AS x "
    "WHERE revision <> nth"
)
DEMANDS: tuple[tuple[Kind, str, str], ...] = (
    ("untold", _LAST_UNTOLD, "files whose last act is not on Kafka"),
    ("unfounded", _UNFOUNDED, "acts on Kafka that are not in the ledger"),
    ("disordered", _GAPS, "acts after a gap in their numbers"),
)
