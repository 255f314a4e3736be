"""Files that were merged are decided as one customer, on the sum; no row of a file ever takes in another's."""

from typing import Any

import httpx

from scoring.standing.domain.adding import added
from scoring.standing.domain.evidence import values_of
from scoring.standing.domain.hashing import state_hash
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing
from scoring.standing.store.standings import load
from scoring.standing.views import StandingView
from tests.scoring.facts import DAY, MONDAY, deliver, holdings, record, salary, standing, told, transaction
from tests.scoring.replaying import sweep
from tests.support.delivering import Delivering
from tests.support.grouping import AS_OF, Grouped, merge, person, unmerge

_DECIDED = {
    "tier", "tier_since", "below_since", "points", "decided_at", "revision", "scorecard_tier", "scorecard_since",
    "override_id", "override_tier", "override_until",
}  # fmt: skip


async def act(service: Delivering, told: list[Grouped]) -> None:
    """All records of an act, in one poll."""
    await service.deliver(*[service.feed.record(one) for one in told])


async def states(service: Delivering) -> dict[str, dict[str, Any]]:
    """What is known of each file, without what was decided."""
    rows = await service.rows("SELECT * FROM standings ORDER BY customer_id")
    return {
        row.customer_id: {name: cell for name, cell in row._mapping.items() if name not in _DECIDED} for row in rows
    }


async def person_of(service: Delivering, survivor: str, *others: str) -> Standing:
    """The independent sum over the rows as they are."""
    async with service.runtime.engine.connect() as connection:
        found = await load(connection, [survivor, *others])
    return added(found[survivor], [found[other] for other in others])


async def points_now(service: Delivering, one: Standing) -> int:
    rules: Rules = service.runtime.composition.state["rules"]
    assert one.decided_at is not None
    card = rules.cards.at(one.decided_at)
    return card.points_of(values_of(one, one.decided_at, rules.bank, rules.rates))


async def two_files(service: Delivering) -> None:
    """c-1 has little; c-2 has much."""
    await deliver(
        service,
        salary(MONDAY, "c-1", amount="300.00", balance_after="300.00"),
        transaction(MONDAY + DAY, "c-1", amount="10.00", balance_after="290.00"),
        salary(MONDAY, "c-2", amount="90000.00", balance_after="290000.00"),
        holdings(1, "500000.00", "400000.00", customer_id="c-2"),
        transaction(MONDAY + DAY, "c-2", amount="4000.00", balance_after="286000.00"),
    )


async def test_a_person_is_decided_on_the_sum_at_once_and_no_file_is_touched(service: Delivering) -> None:
    await two_files(service)
    before, alone = await states(service), await standing(service, "c-1")
    await act(service, merge(1, "c-1", "c-2"))
    assert await states(service) == before
    row, whole = await standing(service, "c-1"), await person_of(service, "c-1", "c-2")
    assert row.points == await points_now(service, whole) > alone.points
    (decision,) = await service.rows("SELECT * FROM decisions WHERE customer_id = 'c-1' AND revision = 2")
    assert (decision.tier, decision.points, decision.state_hash) == (row.tier, row.points, state_hash(whole))
    assert (await told(service))[-1]["customer_id"] == "c-1"
    assert await service.rows("SELECT 1 FROM due_times WHERE customer_id = 'c-1'")
    assert not await service.rows("SELECT 1 FROM due_times WHERE customer_id = 'c-2'")


async def test_an_event_on_a_merged_file_fills_that_file_and_has_its_person_decided(service: Delivering) -> None:
    await two_files(service)
    await act(service, merge(1, "c-2", "c-1"))
    before, facts = await states(service), len(await told(service))
    event = record(service, salary(MONDAY + 2 * DAY, "c-1", amount="70000.00"), identifier="salary")
    await service.deliver(event)
    after = await states(service)
    assert after["c-2"] == before["c-2"]
    assert after["c-1"]["transactions"] == before["c-1"]["transactions"] + 1
    assert len(await told(service)) == facts
    assert await sweep(service) == 1
    row, whole = await standing(service, "c-2"), await person_of(service, "c-2", "c-1")
    assert row.points == await points_now(service, whole)
    assert await states(service) == after
    assert not await service.rows("SELECT 1 FROM person_due_times")


async def test_once_separated_each_file_is_where_its_own_state_has_it(service: Delivering) -> None:
    await two_files(service)
    before = await states(service)
    own = {row.customer_id: row for row in await service.rows("SELECT * FROM standings")}
    await act(service, merge(1, "c-1", "c-2"))
    await act(service, unmerge(2, person("c-1"), person("c-2")))
    assert await states(service) == before
    for customer_id in ("c-1", "c-2"):
        row = await standing(service, customer_id)
        assert row.points == await points_now(service, await person_of(service, customer_id))
        assert row.due_at is not None
    assert (await standing(service, "c-2")).tier == own["c-2"].tier
    assert (await standing(service, "c-1")).below_since is not None, "who fell to less falls after the dwell"


async def test_an_act_that_is_heard_again_or_too_late_changes_nothing(service: Delivering) -> None:
    await two_files(service)
    merging, separating = merge(1, "c-1", "c-2"), unmerge(2, person("c-1"), person("c-2"))
    decided = await service.rows("SELECT * FROM decisions")
    await act(service, separating[:1])
    await act(service, [*merging, *separating[1:], *merging])
    assert await service.rows("SELECT * FROM decisions") == decided
    assert len(await service.rows("SELECT 1 FROM due_times")) == 2


async def test_a_file_of_which_nothing_was_heard_takes_its_first_event_though_it_is_merged(service: Delivering) -> None:
    await act(service, merge(1, "c-1", "c-9"))
    assert not await states(service)
    await deliver(service, salary(MONDAY, "c-9", amount="70000.00"))
    await sweep(service)
    assert (await standing(service, "c-1")).points == await points_now(service, await person_of(service, "c-1", "c-9"))
    assert (await standing(service, "c-9")).due_at is None


async def test_whichever_file_is_asked_for_the_persons_standing_is_shown_and_listed_once(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    await two_files(service)
    await act(service, merge(1, "c-1", "c-2"))
    survivor, merged = [(await api.get(f"/standings/{one}")).json() for one in ("c-1", "c-2")]
    StandingView.model_validate(merged)
    assert (survivor["merged_into"], merged["merged_into"]) == (None, "c-1")
    assert survivor["files"] == merged["files"] == ["c-1", "c-2"]
    assert survivor["transactions"] == merged["transactions"] == 4
    assert (survivor["tier"], survivor["points"]) == (merged["tier"], merged["points"])
    listed = (await api.get("/standings")).json()["items"]
    assert [one["customer_id"] for one in listed] == ["c-1"]


async def test_people_put_a_person_elsewhere_by_the_survivor_and_are_sent_there(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    await two_files(service)
    await act(service, merge(1, "c-1", "c-2"))
    until = "2099-01-01T00:00:00Z"
    answer = await api.post("/standings/c-2/overrides", json={"tier": "low", "reason": "data-error", "until": until})
    assert answer.status_code == 409, answer.text
    assert "customer_id: this file was merged into c-1" in answer.json()["detail"]


async def test_the_history_of_a_merged_file_says_where_its_customers_goes_on_and_since_when(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    async def told_of(customer_id: str) -> tuple[int, str | None, str | None]:
        shown = (await api.get(f"/standings/{customer_id}/history")).json()
        return len(shown["items"]), shown["merged_into"], shown["merged_since"]

    await two_files(service)
    await deliver(service, salary(MONDAY, "c-3"))
    before = [(await told_of(one))[0] for one in ("c-1", "c-2", "c-3")]
    await act(service, merge(1, "c-1", "c-2"))
    assert await told_of("c-2") == (before[1], "c-1", "2025-03-01T12:00:00Z")
    assert (await told_of("c-1"))[1:] == (None, None)
    later = {"as_of": AS_OF + DAY}
    await act(service, [one.model_copy(update=later) for one in merge(2, "c-3", "c-1", "c-2")])
    assert await told_of("c-2") == (before[1], "c-3", "2025-03-01T12:00:00Z")
    assert (await told_of("c-1"))[1:] == ("c-3", "2025-03-02T12:00:00Z")
    await act(service, unmerge(3, person("c-1", "c-2"), person("c-3")))
    await act(service, unmerge(4, person("c-1"), person("c-2")))
    assert [(await told_of(one))[1:] for one in ("c-1", "c-2", "c-3")] == [(None, None)] * 3
