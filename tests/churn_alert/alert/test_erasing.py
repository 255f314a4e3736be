"""Who is destroyed in customer-profile is not in churn-alert any more, whatever comes later; who is archived stays."""

import pytest

from rapport.erasure import store
from rapport.events.base import Event
from rapport.events.customer_profile import CustomerErased
from tests.churn_alert.alert.test_merging import act, alerts, deliver, probability_of, states, sweep
from tests.churn_alert.conftest import SILENT_FROM, Live
from tests.churn_alert.lives import DAY, complained, paid, salary, steady, taken_back, used
from tests.support.consenting import consents
from tests.support.delivering import Delivering
from tests.support.erasing import MARK, erased, found_in
from tests.support.grouping import merge
from tests.support.sight import managed

NOW = SILENT_FROM + 70 * DAY
BESIDE = frozenset({MARK, "outbox"})
"""What was told waits in the outbox, for no relay runs here."""


async def tell(service: Delivering, *told: Event) -> None:
    await service.deliver(*[service.feed.record(one, time=NOW) for one in told])


def said_of(customer_id: str) -> list[Event]:
    """One of everything that churn-alert hears of a customer."""
    return [
        paid(customer_id, NOW + DAY, transaction_no=f"late-{customer_id}"),
        used(customer_id, NOW + DAY),
        complained(customer_id, NOW - 100 * DAY),
        consents(customer_id, revision=9),
        merge(9, customer_id, "c-8")[0],
        merge(9, customer_id, "c-8")[1],
        managed(customer_id, "e-1", revision=9),
    ]


@pytest.fixture
async def full(service: Delivering, live: Live) -> None:
    """c-1 and c-2 fell silent, and there are alerts; of both everything else is known too."""
    for customer_id in ("c-1", "c-2"):
        await live(customer_id, until=NOW)
        await tell(service, consents(customer_id, revision=1), managed(customer_id, "e-1"))
    await tell(service, merge(1, "c-1", "c-3")[0], taken_back(salary("c-1", NOW + 300 * DAY), NOW))
    assert set(await found_in(service.runtime.engine, "c-1", beside=BESIDE)) >= {
        "alerts",
        "consents",
        "customer_managers",
        "events_ahead",
        "merged_files",
        "risk_crossings",
        "risks",
    }


@pytest.mark.usefixtures("full")
async def test_of_who_is_destroyed_only_the_mark_is_left(service: Delivering) -> None:
    other = await found_in(service.runtime.engine, "c-2", beside=BESIDE)
    await tell(service, erased("c-1"))
    assert await found_in(service.runtime.engine, "c-1", beside=BESIDE) == {}
    assert await found_in(service.runtime.engine, "c-2", beside=BESIDE) == other
    (row,) = await service.rows("SELECT erased_scope, erased_rule, erased_at FROM customers WHERE customer_id = 'c-1'")
    assert tuple(row) == ("destroyed", "transaction", erased().as_of)
    assert await service.rows("SELECT 1 FROM alert_events WHERE alert_id NOT IN (SELECT alert_id FROM alerts)") == []


@pytest.mark.usefixtures("full")
async def test_what_comes_late_of_who_is_destroyed_builds_nothing_anew_and_is_counted_as_skipped(
    service: Delivering,
) -> None:
    await tell(service, erased("c-1"))
    before = await service.counts()
    await tell(service, *said_of("c-1"), erased("c-1", "archived"))
    while await sweep(service):
        pass
    assert await found_in(service.runtime.engine, "c-1", beside=BESIDE) == {}
    after = await service.counts()
    came = {name: after[name] - before[name] for name in after}
    # The repeat of the act under the other file is of that one, who is by itself now.
    assert (came["applied"], came["dead_lettered"], came["skipped"]) == (1, 0, came["received"] - 1)
    assert came["skipped"] >= 5
    rows = await service.rows("SELECT customer_id, survivor, revision FROM merged_files WHERE customer_id = 'c-8'")
    assert [tuple(row) for row in rows] == [("c-8", "c-8", 9)]


@pytest.mark.parametrize("together", [True, False])
async def test_told_before_or_after_or_with_all_else_an_end_ends_in_the_same(
    service: Delivering, live: Live, *, together: bool
) -> None:
    if together:
        await tell(service, erased("c-1"), *said_of("c-1"))
    else:
        await tell(service, erased("c-1"))
        await live("c-1", until=NOW)
        await tell(service, *said_of("c-1"))
    assert await found_in(service.runtime.engine, "c-1", beside=BESIDE) == {}
    rows = await service.rows("SELECT customer_id, survivor FROM merged_files")
    assert [tuple(row) for row in rows] == [("c-8", "c-8")]


async def test_a_person_who_lost_a_file_is_decided_on_what_is_left(service: Delivering, live: Live) -> None:
    await live("c-1", until=NOW)
    await deliver(service, steady("c-2", 220))
    await act(service, merge(1, "c-1", "c-2"))
    left = (await states(service))["c-1"]
    assert await service.rows("SELECT 1 FROM risks WHERE customer_id = 'c-1' AND probability < 0.1")
    await tell(service, erased("c-2"))
    assert await states(service) == {"c-1": left}
    (row,) = await service.rows("SELECT probability FROM risks")
    assert row.probability == await probability_of(service, "c-1") > 0.6
    assert await found_in(service.runtime.engine, "c-2", beside=BESIDE) == {}


async def test_whoever_was_known_by_the_destroyed_file_is_decided_alone(service: Delivering, live: Live) -> None:
    await live("c-1", until=NOW)
    await deliver(service, steady("c-2", 220))
    await act(service, merge(1, "c-2", "c-1"))
    assert await alerts(service) == [("c-1", "closed", "merged")]
    await tell(service, erased("c-2"))
    assert await alerts(service) == [("c-1", "closed", "merged"), ("c-1", "opened", None)]
    (row,) = await service.rows("SELECT customer_id, probability, due_at FROM risks")
    assert tuple(row)[:2] == ("c-1", await probability_of(service, "c-1"))
    assert await found_in(service.runtime.engine, "c-2", beside=BESIDE) == {}
    await act(service, merge(1, "c-2", "c-1"))
    assert await found_in(service.runtime.engine, "c-2", beside=BESIDE) == {}


@pytest.mark.usefixtures("full")
async def test_of_who_is_archived_what_a_law_keeps_stays_and_goes_once_destroyed(service: Delivering) -> None:
    before = await found_in(service.runtime.engine, "c-1", beside=BESIDE)
    await tell(service, erased("c-1", "archived"))
    del before["customer_managers"]  # no manager sees who lies there for the law alone
    assert await found_in(service.runtime.engine, "c-1", beside=BESIDE) == before
    await tell(service, paid("c-1", NOW + DAY, transaction_no="late"))
    (row,) = await service.rows("SELECT erased_scope FROM customers WHERE customer_id = 'c-1'")
    assert row.erased_scope == "archived"
    await tell(service, erased("c-1", "destroyed"))
    assert await found_in(service.runtime.engine, "c-1", beside=BESIDE) == {}


async def test_dead_letters_of_who_is_destroyed_go_and_those_of_others_stay(service: Delivering) -> None:
    for number, customer_id in enumerate(("c-1", "c-2", "c-1")):
        fact = paid(customer_id, NOW, transaction_no=f"n-{number}")
        await service.deliver(service.feed.record(fact, time=NOW, data={"amount": "none"}))
    assert len(await service.rows("SELECT 1 FROM dead_letters")) == 3
    await tell(service, erased("c-1"))
    (kept,) = await service.rows("SELECT record, is_encrypted FROM dead_letters")
    assert service.service.unsealed(kept.record, is_encrypted=kept.is_encrypted).key == b"c-2"
    assert (await service.counts())["dead_lettered"] == 3


@pytest.mark.usefixtures("full")
async def test_a_table_that_were_left_out_would_be_found(service: Delivering) -> None:
    """The broken variant: erased by a service that has forgotten one of its tables."""
    metadata = service.runtime.composition.metadata
    broken = type(metadata)()
    for table in metadata.sorted_tables:
        if table.name != "risk_crossings":
            table.to_metadata(broken)
    async with service.runtime.engine.begin() as connection:
        await store.forget(connection, [broken], "destroyed", ["c-1"])
    assert set(await found_in(service.runtime.engine, "c-1", beside=BESIDE)) == {"risk_crossings"}


def test_churn_alert_hears_of_ends(service: Delivering) -> None:
    assert CustomerErased in service.runtime.composition.subscriptions
