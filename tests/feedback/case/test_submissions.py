"""Feedback from the channels' topic becomes a case with two clocks, once, whatever else arrives."""

import json
from datetime import timedelta
from typing import Any

from rapport.clock import utc_now
from rapport.messaging.partitions import partition_of
from tests.feedback.said import DAY, HOUR, MONDAY, WORDS, hear, record, submitted, tier_changed
from tests.support.delivering import Delivering

CASES = "SELECT * FROM cases ORDER BY submitted_at, case_id"
CLOCKS = "SELECT * FROM case_clocks ORDER BY case_id, run, clock"


async def told(service: Delivering) -> list[tuple[str, dict[str, Any]]]:
    """What waits in the outbox, in order."""
    rows = await service.rows("SELECT topic, value FROM outbox ORDER BY outbox_id")
    return [(row.topic, json.loads(row.value)) for row in rows]


async def test_a_complaint_opens_a_case_with_two_clocks_from_the_moment_of_submission(service: Delivering) -> None:
    moment = utc_now() - HOUR
    await hear(service, submitted(submitted_at=moment))
    (case,) = await service.rows(CASES)
    assert (case.status, case.priority, case.sentiment, case.severity) == ("opened", "high", "negative", "medium")
    respond, resolve = sorted(await service.rows(CLOCKS), key=lambda clock: clock.clock == "resolve")
    assert [clock.due_at for clock in (respond, resolve)] == [moment + DAY] * 2
    assert [clock.partition for clock in (respond, resolve)] == [partition_of("c-1")] * 2
    facts = await told(service)
    assert [topic for topic, _ in facts] == ["feedback-classified", "case-changed"]
    assert facts[0][1]["sentiment"] == "negative"
    assert {fact["case_id"] for _, fact in facts} == {str(case.case_id)}


async def test_praise_and_good_ratings_are_kept_and_classified_without_a_case(service: Delivering) -> None:
    await hear(service, submitted("c-1", kind="praise"), submitted("c-2", kind="rating", rating=3, text=""))
    assert {row.status for row in await service.rows(CASES)} == {"recorded"}
    assert await service.rows(CLOCKS) == []
    assert [topic for topic, _ in await told(service)] == ["feedback-classified"] * 2


async def test_a_rating_of_one_or_two_tells_a_negative_class_and_opens_a_case(service: Delivering) -> None:
    moment = utc_now()
    for rating in (1, 2):
        await hear(service, submitted(f"c-{rating}", kind="rating", rating=rating, text="", submitted_at=moment))
    facts = [fact for topic, fact in await told(service) if topic == "feedback-classified"]
    assert [fact["sentiment"] for fact in facts] == ["negative", "negative"]
    assert [row.status for row in await service.rows(CASES)] == ["opened", "opened"]


async def test_what_was_said_is_nowhere_in_clear(service: Delivering) -> None:
    await hear(service, submitted(), submitted(kind="rating", text=WORDS))
    assert (await service.counts())["dead_lettered"] == 1
    for table in ("cases", "case_events", "outbox", "dead_letters", "parked", "inbox"):
        (content,) = await service.rows(f"SELECT coalesce(string_agg(t::text, ' '), '') AS everything FROM {table} t")
        for piece in ("6222020200012345678", "twice", WORDS.encode().hex(), b"6222020200012345678".hex()):
            assert piece not in content.everything, table


async def test_a_rating_without_a_rating_is_a_dead_letter_and_the_rest_goes_on(service: Delivering) -> None:
    await hear(service, submitted("c-1", kind="rating"), submitted("c-2", kind="enquiry"))
    assert await service.counts() == {
        "received": 2, "applied": 1, "duplicate": 0, "skipped": 0, "dead_lettered": 1, "parked": 0
    }  # fmt: skip
    (letter,) = await service.rows("SELECT reason, is_encrypted FROM dead_letters")
    assert letter == ("RatingMissing: rating: is required when kind is rating", True)


async def test_the_same_feedback_again_changes_nothing_even_after_its_inbox_was_forgotten(service: Delivering) -> None:
    await service.deliver(record(service, submitted(), "f-1"))
    before = [await service.rows(CASES), await service.rows(CLOCKS), await told(service)]
    await service.deliver(record(service, submitted(), "f-1"))
    await service.rows_written("DELETE FROM inbox")
    await service.deliver(record(service, submitted(), "f-1"))
    assert [await service.rows(CASES), await service.rows(CLOCKS), await told(service)] == before
    assert (await service.counts())["duplicate"] == 1


async def test_feedback_we_hear_of_too_late_is_overdue_at_once_as_of_its_deadline(service: Delivering) -> None:
    await hear(service, submitted(submitted_at=MONDAY))
    overdue = [fact for topic, fact in await told(service) if topic == "response-overdue"]
    assert [(fact["clock"], fact["due_at"]) for fact in overdue] == [
        ("respond", "2025-03-04T09:00:00Z"),
        ("resolve", "2025-03-04T09:00:00Z"),
    ]
    assert {row.breached_at for row in await service.rows(CLOCKS)} == {MONDAY + DAY}
    (case,) = await service.rows(CASES)
    assert (case.submitted_at, case.opened_at > MONDAY + DAY) == (MONDAY, True)


async def test_the_own_copy_of_the_tier_decides_an_enquirys_priority_and_no_complaints(service: Delivering) -> None:
    moment = utc_now() - timedelta(minutes=1)
    await hear(service, tier_changed("c-1", "high"))
    for kind in ("enquiry", "complaint"):
        for customer in ("c-1", "c-2"):
            await hear(service, submitted(customer, kind=kind, submitted_at=moment))
    rows = await service.rows("SELECT customer_id, kind, priority FROM cases")
    assert {(row.customer_id, row.kind): row.priority for row in rows} == {
        ("c-1", "enquiry"): "high",
        ("c-2", "enquiry"): "normal",
        ("c-1", "complaint"): "high",
        ("c-2", "complaint"): "high",
    }
    assert len({(row.started_at, row.deadline_at) for row in await service.rows(CLOCKS)}) == 1


async def test_a_later_tier_leaves_the_priority_that_was_decided(service: Delivering) -> None:
    await hear(service, submitted(kind="enquiry"))
    await hear(service, tier_changed("c-1", "high"))
    assert [row.priority for row in await service.rows(CASES)] == ["normal"]
