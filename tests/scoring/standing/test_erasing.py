"""Who is destroyed in customer-profile is not in scoring, nor what people did to them; others are as before."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.exc import DBAPIError

from rapport.clock import utc_now
from rapport.erasure import store
from rapport.events.base import Event
from rapport.messaging import dead_letters
from rapport.messaging.dead_letters import DeadLetter
from rapport.messaging.records import RawRecord
from scoring.drift.handlers import take_snapshot_now
from scoring.fairness.handlers import count_groups
from tests.scoring.facts import DAY, MONDAY, deliver, holdings, reversal, salary, standing, transaction
from tests.scoring.override.office import Office, done, office_of, profiled
from tests.scoring.replaying import sweep
from tests.scoring.standing.test_merging import act, person_of, points_now, states, two_files
from tests.support.consenting import consents
from tests.support.delivering import Delivering
from tests.support.erasing import MARK, erased, found_in
from tests.support.grouping import merge
from tests.support.tokens import TestIssuer

BESIDE = frozenset({MARK, "outbox", "idempotency_keys"})
"""What was told waits in the outbox, for no relay runs here."""


@pytest.fixture
async def office(bank: Delivering, issuer: TestIssuer) -> AsyncIterator[Office]:
    async with office_of(bank, issuer) as found:
        yield found


async def tell(service: Delivering, *told: Event) -> None:
    await service.deliver(*[service.feed.record(one, time=MONDAY, source="customer-profile") for one in told])


async def full(office: Office) -> None:
    """Of c-1 there is something in every table; c-2 has the same word of customer-profile and a tier."""
    service = office.service
    await office.put_on(tier="high")
    await office.propose(tier="low")
    await tell(service, *(profiled(refuses=False, revision=1, customer_id=one) for one in ("c-1", "c-2")))
    await tell(service, consents("c-1", revision=1, refused=["tiering"]), merge(1, "c-1", "c-3")[0])
    ahead = reversal(salary(MONDAY + 300 * DAY), MONDAY)
    await service.deliver(service.feed.record(ahead, time=MONDAY))
    await deliver(service, holdings(1, "700.00", customer_id="c-2"), holdings(1, "1.00", customer_id="c-3"))
    appeal = {"revision": 1, "note": "my brother has more"}
    opened = await done(office.channel.post("/standings/c-1/appeals", json=appeal))
    answer = {"outcome": "upheld", "reason": "decision-correct", "note": "looked at it"}
    await done(office.officer.post(f"/appeals/{opened['appeal_id']}/answer", json=answer))
    found = set(await found_in(service.runtime.engine, "c-1", beside=BESIDE))
    assert found >= {
        "appeals",
        "class_changes",
        "consents",
        "customer_classes",
        "customer_groups",
        "data_keys",
        "decisions",
        "due_times",
        "events_ahead",
        "file_acts",
        "hands",
        "merged_files",
        "overrides",
        "person_due_times",
        "standings",
    }


async def test_of_who_is_destroyed_only_the_mark_is_left_and_of_others_everything(office: Office) -> None:
    await full(office)
    service = office.service
    other = await found_in(service.runtime.engine, "c-2", beside=BESIDE)
    await tell(service, erased("c-1"))
    assert await found_in(service.runtime.engine, "c-1", beside=BESIDE) == {}
    assert await found_in(service.runtime.engine, "c-2", beside=BESIDE) == other
    for part, whole, key in (
        ("override_acts", "overrides", "override_id"),
        ("appeal_answers", "appeals", "appeal_id"),
    ):
        assert await service.rows(f"SELECT 1 FROM {part} WHERE {key} NOT IN (SELECT {key} FROM {whole})") == []
    assert (await office.auditor.get("/standings/c-1")).status_code == 404


async def test_the_states_that_were_told_of_who_is_destroyed_end_with_a_tombstone(office: Office) -> None:
    await tell(office.service, erased("c-1"))
    rows = await office.service.rows(
        "SELECT key, value, partition FROM outbox WHERE topic = 'tier-changed' ORDER BY outbox_id"
    )
    assert (rows[-1].key, rows[-1].value) == (b"c-1", None)
    assert {row.partition for row in rows} == {rows[-1].partition}


async def test_what_comes_late_of_who_is_destroyed_builds_nothing_anew(office: Office) -> None:
    await full(office)
    service = office.service
    await tell(service, erased("c-1"))
    before = await service.counts()
    await deliver(service, transaction(MONDAY + DAY), holdings(9, "5.00"), salary(MONDAY + 2 * DAY))
    await tell(service, profiled(refuses=True, revision=9), consents(revision=9, refused=["tiering"]))
    await act(service, merge(9, "c-1", "c-8"))
    while await sweep(service):
        pass
    assert await found_in(service.runtime.engine, "c-1", beside=BESIDE) == {}
    after = await service.counts()
    assert (after["dead_lettered"], after["skipped"] > before["skipped"]) == (0, True)
    assert (await office.manager.post("/standings/c-1/overrides", json={"tier": "low"})).status_code in (404, 422)


async def test_a_person_who_lost_a_file_is_decided_on_what_is_left(service: Delivering) -> None:
    await two_files(service)
    await act(service, merge(1, "c-1", "c-2"))
    left, rich = (await states(service))["c-1"], (await standing(service, "c-1")).points
    await tell(service, erased("c-2"))
    row = await standing(service, "c-1")
    assert row.points == await points_now(service, await person_of(service, "c-1")) < rich
    assert {key: cells | {"points": 0} for key, cells in (await states(service)).items()} == {
        "c-1": left | {"points": 0}
    }
    assert await found_in(service.runtime.engine, "c-2", beside=BESIDE) == {}


async def test_whoever_was_known_by_the_destroyed_file_is_a_customer_alone(service: Delivering) -> None:
    await two_files(service)
    await act(service, merge(1, "c-2", "c-1"))
    await tell(service, erased("c-2"))
    row = await standing(service, "c-1")
    assert row.points == await points_now(service, await person_of(service, "c-1"))
    assert await service.rows("SELECT 1 FROM due_times WHERE customer_id = 'c-1'")
    for table in ("merged_files", "file_acts"):
        rows = await service.rows(f"SELECT customer_id, survivor FROM {table}")
        assert [tuple(one) for one in rows] == [("c-1", "c-1")]
    assert await found_in(service.runtime.engine, "c-2", beside=BESIDE) == {}


@pytest.mark.parametrize("is_first", [True, False])
async def test_of_who_is_archived_the_groups_go_the_decisions_stay_and_a_new_beginning_ends_it(
    office: Office, *, is_first: bool
) -> None:
    service = office.service
    told = profiled(refuses=False, revision=1).model_copy(update={"relationship": "exited"})
    facts = [erased("c-1", "archived"), told] if is_first else [told, erased("c-1", "archived")]
    for fact in facts:
        await tell(service, fact)
    assert await groups(service) == []
    assert await service.rows("SELECT 1 FROM decisions WHERE customer_id = 'c-1'")
    assert await counted(service) == 0
    await tell(service, told.model_copy(update={"relationship": "active", "revision": 2}))
    assert await groups(service) == ["c-1"]
    assert await service.rows("SELECT 1 FROM customers WHERE erased_scope IS NOT NULL") == []
    assert await counted(service) == 1


async def test_a_word_of_before_the_archive_that_is_read_late_does_not_end_it(service: Delivering) -> None:
    told = profiled(refuses=False, revision=1, at=MONDAY).model_copy(update={"relationship": "active"})
    late = service.feed.record(told, time=MONDAY, source="customer-profile")
    archive = erased("c-1", "archived").model_copy(update={"as_of": utc_now() + DAY / 24})
    await service.deliver(service.feed.record(archive, time=utc_now(), source="customer-profile"))
    await service.deliver(late)
    assert await groups(service) == []
    assert await service.rows("SELECT 1 FROM customer_managers") == []
    assert len(await service.rows("SELECT 1 FROM customers WHERE erased_scope = 'archived'")) == 1


async def groups(service: Delivering) -> list[str]:
    return [row.customer_id for row in await service.rows("SELECT customer_id FROM customer_groups")]


async def counted(service: Delivering) -> int:
    """How many customers a count of groups over the book comes to."""
    rules = service.runtime.composition.state["rules"]
    await service.rows_written("DELETE FROM group_counts", "DELETE FROM book_snapshots")
    await take_snapshot_now(service.runtime.transactions, rules=rules)
    await count_groups(service.runtime.transactions, rules=rules)
    rows = await service.rows("SELECT tiers FROM group_counts WHERE attribute = 'gender'")
    return sum(sum(row.tiers.values()) for row in rows)


async def bury(service: Delivering, *records: RawRecord) -> None:
    """These had failed, and people ask that they be handled again."""
    async with service.runtime.transactions.begin() as tx:
        await tx.bury([DeadLetter(raw, "failed", "scoring:test") for raw in records])
        await dead_letters.request_replay(tx.connection)


async def test_the_dead_letter_of_an_act_with_who_is_destroyed_is_handled_without_them(service: Delivering) -> None:
    await tell(service, erased("c-1"))
    (act_on_others,) = (one for one in merge(9, "c-2", "c-1", "c-3") if one.customer_id == "c-2")
    await bury(service, service.feed.record(act_on_others, time=MONDAY, source="customer-profile"))
    assert await service.replay.next()
    rows = await service.rows("SELECT customer_id FROM merged_files ORDER BY 1")
    assert [row.customer_id for row in rows] == ["c-2", "c-3"]


async def test_a_dead_letter_that_was_altered_keeps_nobody_from_being_forgotten(service: Delivering) -> None:
    await bury(service, service.feed.record(holdings(1, "5.00", customer_id="c-9"), time=MONDAY))
    await service.rows_written("UPDATE dead_letters SET record = set_byte(record, 40, 255 - get_byte(record, 40))")
    await deliver(service, holdings(1, "5.00"))
    await tell(service, erased("c-1"))
    assert await found_in(service.runtime.engine, "c-1", beside=BESIDE) == {}


async def test_what_people_did_goes_with_who_is_destroyed_and_with_nobody_else(office: Office) -> None:
    await full(office)
    for table in ("hands", "overrides", "override_acts", "appeals", "appeal_answers"):
        with pytest.raises(DBAPIError, match="only grows"):
            await office.service.rows_written(f"DELETE FROM {table}")


async def test_a_table_that_were_left_out_would_be_found(office: Office) -> None:
    """The broken variant: erased by a service that has forgotten one of its tables."""
    await full(office)
    metadata = office.service.runtime.composition.metadata
    broken = type(metadata)()
    for table in metadata.sorted_tables:
        if table.name != "class_changes":
            table.to_metadata(broken)
    async with office.service.runtime.engine.begin() as connection:
        await store.mark(connection, [erased("c-1")])
        await store.forget(connection, [broken], "destroyed", ["c-1"])
    left = await found_in(office.service.runtime.engine, "c-1", beside=BESIDE | {"data_keys"})
    assert set(left) == {"class_changes"}
