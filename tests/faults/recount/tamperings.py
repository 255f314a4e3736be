"""What a broken service would have left behind, by hand: for each, the violation that must be among those found."""

from tests.faults.recount.book import Kind

_ONE_OVERDUE = "(SELECT outbox_id FROM outbox WHERE topic = 'response-overdue' LIMIT 1)"
_A_SECOND_CASE = """
INSERT INTO cases SELECT (jsonb_populate_record(c, jsonb_build_object('case_id', gen_random_uuid()))).*
FROM cases c LIMIT 1
"""
_ANOTHER_ID = f"""
INSERT INTO outbox (partition, event_id, topic, key, value, headers)
SELECT partition, gen_random_uuid(), topic, key, value, headers FROM outbox WHERE outbox_id = {_ONE_OVERDUE}
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
        ("unfounded", _ANOTHER_ID),
        ("unbalanced", "UPDATE consumer_offsets SET received = received + 1"),
        ("unbalanced", "UPDATE consumer_offsets SET received = received + 1, applied = applied + 1"),
    ],
}
