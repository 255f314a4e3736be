"""What a broken service would have left behind, by hand: for each, the violation that must be among those found."""

from tests.faults.recount.book import Kind

_ONE_OVERDUE = "(SELECT outbox_id FROM outbox WHERE topic = 'response-overdue' LIMIT 1)"
_A_SECOND_CASE = """
INSERT INTO cases SELECT (jsonb_populate_record(c, jsonb_build_object('case_id', gen_random_uuid()))).*
FROM cases c LIMIT 1
"""
_ANOTHER_ID = """
INSERT INTO outbox (partition, event_id, topic, key, value, headers)
SELECT partition, gen_random_uuid(), topic, key, value, headers FROM outbox WHERE topic = '{}' LIMIT 1
"""
_THE_FIRST_LAST = """
WITH first AS (DELETE FROM outbox WHERE outbox_id < (SELECT avg(outbox_id) FROM outbox) RETURNING *)
INSERT INTO outbox (partition, event_id, topic, key, value, headers)
SELECT partition, event_id, topic, key, value, headers FROM first
"""
_LAST_FILE_TOLD = "(SELECT max(outbox_id) FROM outbox WHERE topic = 'customer-profiled')"
_A_SECOND_USE = """
INSERT INTO portrait_facts (customer_id, kind, item, rank, event_id, as_of, document)
SELECT customer_id, kind, item || '-2', rank, event_id, as_of, document FROM portrait_facts
WHERE kind = 'interaction' LIMIT 1
"""
_COUNTED_TWICE = """
UPDATE portrait_months SET entries = jsonb_set(entries, '{0,3}', to_jsonb((entries #>> '{0,3}')::int + 1))
WHERE entries <> '[]'
"""
_ANOTHER_ACT = """
UPDATE outbox SET value = convert_to(
    (convert_from(value, 'utf8')::jsonb || jsonb_build_object('act_id', gen_random_uuid()))::text, 'utf8'
) WHERE topic = 'customers-merged'
"""
_CERTAIN = "stage = 'new' AND customer_id NOT IN (SELECT customer_id FROM merged_files)"
_AN_ACCOUNT_REOPENED = """
UPDATE lifecycles l SET accounts = (
    SELECT jsonb_object_agg(key, jsonb_build_array(value -> 0, NOT (value ->> 1)::boolean)) FROM jsonb_each(l.accounts)
) WHERE accounts <> '{}'
"""
_ITS_ALERT_CLOSED = """
UPDATE alerts SET status = 'closed', outcome = 'recovered', closed_at = now() WHERE alert_id IN
(SELECT alert_id FROM interventions WHERE status NOT IN ('done', 'cancelled'))
"""

TAMPERINGS: dict[str, list[tuple[Kind, str]]] = {
    "scoring": [
        ("lost", "UPDATE standings SET transactions = transactions - 1"),
        ("double", "UPDATE standings SET transactions = transactions + 1"),
        ("different", "UPDATE standings SET own_minor = own_minor + 1"),
        ("different", "UPDATE merged_files SET survivor = customer_id WHERE customer_id <> survivor"),
        ("different", "UPDATE merged_files SET revision = revision + 1 WHERE customer_id = survivor"),
        ("untold", "DELETE FROM outbox WHERE topic = 'tier-changed'"),
        ("disordered", "UPDATE standings SET revision = revision + 1"),
        ("unbalanced", "UPDATE consumer_offsets SET received = received + 1"),
    ],
    "churn_alert": [
        ("lost", "UPDATE risks SET own_transactions = own_transactions - 1"),
        ("double", "UPDATE risks SET channel_uses = channel_uses + 1"),
        ("different", f"UPDATE lifecycles SET stage = 'potential', since = now() WHERE {_CERTAIN}"),
        ("different", _AN_ACCOUNT_REOPENED),
        ("lost", "UPDATE lifecycles SET accounts = '{}' WHERE accounts <> '{}'"),
        ("lost", f"DELETE FROM lifecycles WHERE {_CERTAIN}"),
        ("different", "UPDATE segments SET revision = revision - 1"),
        ("different", "UPDATE segments SET segment = 'investors'"),
        ("different", "DELETE FROM segments WHERE customer_id = (SELECT min(customer_id) FROM segments)"),
        ("disordered", "UPDATE lifecycles SET since = since - interval '1 ms' WHERE stage IS NOT NULL"),
        ("disordered", "UPDATE lifecycle_transitions SET revision = revision + 100 WHERE revision > 1"),
        ("disordered", "UPDATE lifecycle_transitions SET previous = 'potential' WHERE previous = 'new'"),
        ("unfounded", "DELETE FROM lifecycle_transitions WHERE revision = 1"),
        ("untold", "DELETE FROM outbox WHERE topic = 'lifecycle-changed'"),
        ("double", _ANOTHER_ID.format("lifecycle-changed")),
        ("lost", "UPDATE interventions SET arm = NULL, experiment = NULL WHERE arm IS NOT NULL"),
        ("lost", "UPDATE interventions SET alert_id = gen_random_uuid() WHERE alert_id IS NOT NULL"),
        ("different", "UPDATE interventions SET revision = revision + 1"),
        ("unfounded", "DELETE FROM intervention_events WHERE number = 1"),
        ("untold", "DELETE FROM outbox WHERE topic = 'intervention-changed'"),
        ("unfounded", _ANOTHER_ID.format("intervention-changed")),
        ("untold", "DELETE FROM outbox WHERE topic = 'contact-requested'"),
        ("disordered", _ITS_ALERT_CLOSED),
        ("unfounded", "DELETE FROM risk_crossings"),
        ("untold", "DELETE FROM outbox WHERE topic = 'risk-threshold-crossed'"),
        ("unbalanced", "UPDATE consumer_offsets SET received = received + 1"),
    ],
    "feedback": [
        ("lost", "DELETE FROM cases WHERE case_id = (SELECT case_id FROM cases LIMIT 1)"),
        ("double", _A_SECOND_CASE),
        ("different", "UPDATE cases SET rating = 5 - rating WHERE rating IN (1, 2)"),
        ("different", "UPDATE tiers SET revision = revision - 1"),
        ("different", "DELETE FROM tiers WHERE customer_id = (SELECT customer_id FROM tiers LIMIT 1)"),
        ("different", "DELETE FROM case_clocks WHERE clock = 'resolve' AND due_at IS NOT NULL"),
        ("different", "DELETE FROM case_events WHERE happening = 'respond-overdue'"),
        ("different", "UPDATE merged_files SET survivor = customer_id WHERE customer_id <> survivor"),
        ("different", "UPDATE merged_files SET revision = revision + 1 WHERE customer_id = survivor"),
        ("untold", "DELETE FROM outbox WHERE topic = 'feedback-classified'"),
        ("untold", "DELETE FROM outbox WHERE topic = 'case-changed'"),
        ("untold", f"DELETE FROM outbox WHERE outbox_id = {_ONE_OVERDUE}"),
        ("unfounded", "UPDATE cases SET priority = 'normal' WHERE priority = 'urgent'"),
        ("unfounded", _ANOTHER_ID.format("response-overdue")),
        ("unbalanced", "UPDATE consumer_offsets SET received = received + 1"),
        ("unbalanced", "UPDATE consumer_offsets SET received = received + 1, applied = applied + 1"),
    ],
    "customer_profile": [
        ("lost", "DELETE FROM profiles WHERE customer_id = (SELECT customer_id FROM profiles LIMIT 1)"),
        ("lost", "DELETE FROM accounts WHERE account_id = (SELECT account_id FROM accounts LIMIT 1)"),
        ("lost", "DELETE FROM parked WHERE event_id = (SELECT event_id FROM parked LIMIT 1)"),
        ("double", "UPDATE parked SET waiting_for = (SELECT customer_id FROM profiles LIMIT 1)"),
        ("double", "UPDATE accounts SET account_id = account_id || '-2'"),
        ("double", "UPDATE profiles SET revision = revision + 100"),
        ("different", "UPDATE profiles SET open_accounts = open_accounts + 1"),
        ("different", "UPDATE profiles SET customer_class = 'ordinary' WHERE customer_class = 'core'"),
        ("different", "UPDATE profiles SET phone = NULL WHERE phone IS NOT NULL"),
        ("different", "UPDATE accounts SET balance_minor = -balance_minor"),
        ("lost", "DELETE FROM portrait_facts WHERE kind = 'interaction'"),
        ("lost", "DELETE FROM portrait_facts WHERE kind = 'case-class'"),
        ("lost", "UPDATE portrait_months SET entries = entries - 0"),
        ("double", _A_SECOND_USE),
        ("double", _COUNTED_TWICE),
        ("different", "UPDATE portrait_months SET as_of = as_of - interval '1 ms'"),
        ("different", "UPDATE portrait_months SET entries = jsonb_set(entries, '{0,4}', '1') WHERE entries <> '[]'"),
        ("different", "UPDATE portrait_facts SET document = document || '{\"tier\": \"middle\"}' WHERE kind = 'tier'"),
        ("different", "UPDATE portrait_facts SET as_of = as_of - interval '1 ms' WHERE kind = 'holdings'"),
        ("different", "DELETE FROM merged_files WHERE customer_id <> survivor"),
        ("different", "UPDATE merged_files SET survivor = customer_id WHERE customer_id <> survivor"),
        ("lost", "DELETE FROM merge_acts WHERE revision = 1"),
        ("different", "UPDATE merge_acts SET kind = 'merge'"),
        ("disordered", "UPDATE merge_acts SET revision = -revision"),
        ("untold", "DELETE FROM outbox WHERE topic = 'customers-merged'"),
        ("different", "DELETE FROM outbox WHERE topic = 'customers-unmerged'"),
        ("unfounded", _ANOTHER_ACT),
        ("untold", f"DELETE FROM outbox WHERE outbox_id = {_LAST_FILE_TOLD}"),
        ("untold", "UPDATE profiles SET as_of = as_of + interval '1 ms'"),
        ("unfounded", "UPDATE profiles SET revision = revision - 1"),
        ("unfounded", _ANOTHER_ID.format("customer-profiled")),
        ("disordered", _THE_FIRST_LAST),
        ("unbalanced", "UPDATE consumer_offsets SET applied = applied - 1"),
        ("unbalanced", "UPDATE consumer_offsets SET received = received + 1, applied = applied + 1"),
    ],
}
