"""Who may make a draft the challenger, who may stop it, and who alone may promote it."""

from typing import Any

import pytest

from scoring.challenger.store.challengers import running
from tests.scoring.challenger.ring import CHALLENGER, WHY, bring, count, enter, ring_of
from tests.scoring.facts import DAY, MONDAY, deliver, holdings
from tests.scoring.release.people import People, soon
from tests.scoring.replaying import reach
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer


@pytest.fixture
async def office(bank: Delivering, people: Any) -> People:
    """Over five customers with nothing on their accounts; three of them hold something."""
    held = ["5.00", "5000.00", "5000.00", "900000.00", "5.00"]
    await deliver(bank, *[holdings(1, amount, customer_id=f"c-{n}") for n, amount in enumerate(held)])
    await reach(bank, MONDAY + DAY)
    found: People = await people(bank)
    return found


GENEROUS = CHALLENGER | {
    "features": [CHALLENGER["features"][1] | {"points": [0, 60, 90], "typical_points": 50}],
}
"""What is held alone: 0, 60 and 90 points."""


async def test_a_draft_runs_in_shadow_and_its_swap_set_is_shown_page_by_page(office: People) -> None:
    assert await enter(office, GENEROUS) == 2
    await bring(office.service)
    answer = await office.analyst.get("/scorecards/2/shadow/swap-set")
    assert (answer.status_code, answer.json()["title"]) == (409, "Nothing is compared yet")
    await count(office.service)
    shown = (await office.analyst.get("/scorecards/2/shadow")).json()
    said = shown["comparison"]
    assert (shown["customers_done"], shown["customers_total"], shown["ended_at"]) == (5, 5, None)
    assert (said["against"], said["customers"], said["agreement"]["value"]) == (1, 5, 0.4)
    assert (said["swapped_in"], said["swapped_out"], said["events"]) == (1, 0, 0)
    assert said["migration"] == [
        {"old_tier": "low", "tier": "high", "customers": 1},
        {"old_tier": "low", "tier": "low", "customers": 2},
        {"old_tier": "low", "tier": "middle", "customers": 2},
    ]
    listed = (await office.analyst.get("/scorecards/2/shadow/swap-set")).json()
    assert listed["items"] == [{"customer_id": "c-3", "old_tier": "low", "tier": "high", "old_points": 0, "points": 90}]
    await office.service.rows_written("UPDATE shadows SET tier = 'high'")
    pages, cursor = [], None
    while len(pages) < 5:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await office.analyst.get("/scorecards/2/shadow/swap-set", params=query)).json()
        pages.append([item["customer_id"] for item in page["items"]])
        cursor = page["next"]
        if cursor is None:
            break
    assert pages == [["c-0", "c-1"], ["c-2", "c-3"], ["c-4"]]


async def test_promotion_needs_a_person_who_neither_drafted_the_version_nor_made_it_the_challenger(
    office: People, issuer: TestIssuer
) -> None:
    version = await office.draft(GENEROUS)
    entered = await office.approver.post(f"/scorecards/{version}/shadow", json=WHY)
    assert entered.status_code == 201
    await office.dry_run(version)
    answer = await office.approve(version, soon())
    assert (answer.status_code, answer.json()["title"]) == (403, "A second person approves")
    assert "made a version the challenger" in answer.json()["detail"]
    stopped = await office.analyst.post(f"/scorecards/{version}/shadow/stop", json=WHY)
    assert stopped.status_code == 201
    assert (await office.approve(version, soon())).status_code == 403, "stopping it does not undo who entered it"
    office.approver.headers.update(issuer.bearer("risk_manager", subject="dan"))
    assert (await office.approve(version, soon())).status_code == 201


async def test_who_is_approved_or_withdrawn_is_the_challenger_no_longer_and_the_next_may_come(office: People) -> None:
    service = office.service
    first = await enter(office, GENEROUS)
    await bring(service)
    await count(service)
    await office.dry_run(first)
    assert (await office.approve(first, soon())).status_code == 201
    second = await enter(office)
    async with service.runtime.engine.connect() as connection:
        present = await running(connection)
    assert present is not None and present.version == second
    await count(service)
    ended = (await office.analyst.get(f"/scorecards/{first}/shadow")).json()
    assert (ended["ended_at"] is not None, ended["comparison"]["swapped_in"]) == (True, 1)
    answer = await office.analyst.get(f"/scorecards/{first}/shadow/swap-set")
    assert (answer.status_code, answer.json()["title"]) == (409, "The challenger has ended")
    await office.analyst.post(f"/scorecards/{second}/withdraw", json=WHY)
    await count(service)
    assert ring_of(service).version in {0, second}
    assert (await office.analyst.get(f"/scorecards/{second}/shadow")).json()["ended_at"] is not None


async def test_there_is_one_challenger_at_a_time_and_none_twice(office: People) -> None:
    first, second = await office.draft(GENEROUS), await office.draft(CHALLENGER)

    async def enter_(version: int) -> tuple[int, str]:
        answer = await office.analyst.post(f"/scorecards/{version}/shadow", json=WHY)
        return answer.status_code, answer.json().get("detail", "")

    assert (await enter_(first))[0] == 201
    assert await enter_(second) == (409, f"Version {first} is the challenger: stop it first")
    assert (await office.analyst.post(f"/scorecards/{second}/shadow/stop", json=WHY)).status_code == 404
    assert (await office.analyst.post(f"/scorecards/{first}/shadow/stop", json=WHY)).status_code == 201
    assert (await office.analyst.post(f"/scorecards/{first}/shadow/stop", json=WHY)).status_code == 409
    assert (await enter_(first))[0] == 409
    assert (await enter_(second))[0] == 201
    assert (await enter_(1))[0] == 409, "what decides is no draft"


async def test_who_only_reads_tiers_neither_enters_nor_sees_a_challenger(office: People) -> None:
    version = await enter(office)
    for path in ("", "/swap-set"):
        assert (await office.reader.get(f"/scorecards/{version}/shadow{path}")).status_code == 403
        assert (await office.analyst.get(f"/scorecards/9/shadow{path}")).status_code == 404
    for path in ("", "/stop"):
        assert (await office.reader.post(f"/scorecards/{version}/shadow{path}", json=WHY)).status_code == 403
        assert (await office.analyst.post(f"/scorecards/9/shadow{path}", json=WHY)).status_code == 404


async def test_who_entered_and_stopped_a_challenger_is_kept_among_the_acts(office: People) -> None:
    version = await enter(office)
    await office.approver.post(f"/scorecards/{version}/shadow/stop", json={"reason": "Too kind"})
    acts = (await office.reader.get(f"/scorecards/{version}/acts")).json()["items"]
    assert [(act["act"], act["done_by"], act["reason"]) for act in acts[:2]] == [
        ("challenger-stopped", "ben", "Too kind"),
        ("challenger-entered", "ana", WHY["reason"]),
    ]
