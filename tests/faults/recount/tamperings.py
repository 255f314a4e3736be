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

TAMPERINGS: dict[str, list[tuple[Kind, str]]] = {
    "feedback": [
        ("lost", "DELETE FROM cases WHERE case_id = (SELECT case_id FROM cases LIMIT 1)"),
        ("double", _A_SECOND_CASE),
        ("different", "UPDATE cases SET rating = 5 - rating WHERE rating IN (1, 2)"),
        ("different", "UPDATE tiers SET revision = revision - 1"),
        ("different", "DELETE FROM tiers WHERE customer_id = (SELECT customer_id FROM tiers LIMIT 1)"),
        ("different", "DELETE FROM case_clocks WHERE clock = 'resolve' AND due_at IS NOT NULL"),
        ("different", "DELETE FROM case_events WHERE happening = 'respond-overdue'"),
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
        ("untold", "DELETE FROM outbox WHERE outbox_id = (SELECT max(outbox_id) FROM outbox)"),
        ("untold", "UPDATE profiles SET as_of = as_of + interval '1 ms'"),
        ("unfounded", "UPDATE profiles SET revision = revision - 1"),
        ("unfounded", _ANOTHER_ID.format("customer-profiled")),
        ("disordered", _THE_FIRST_LAST),
        ("unbalanced", "UPDATE consumer_offsets SET applied = applied - 1"),
        ("unbalanced", "UPDATE consumer_offsets SET received = received + 1, applied = applied + 1"),
    ],
}
