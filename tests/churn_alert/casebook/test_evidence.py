"""What worked is told of the arms as they were drawn, equal to a plain recount, and never of so few that they show."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from churn_alert.casebook.domain.cells import Arms, told_of
from churn_alert.proof.domain.disclosure import LEAST as LEAST_DRAWN
from churn_alert.proof.domain.issued import LEAST_JUDGED as LEAST
from churn_alert.proof.domain.uplift import Arm
from rapport.behaviour.rates import difference, wilson
from rapport.messaging.offsets import move_clocks
from tests.churn_alert.casebook.conftest import DAY, HOUR, OPENED, Write, case, contact, task
from tests.support.delivering import Delivering
from tests.support.sight import LEAD, MANAGER, client_of, tell_who_manages
from tests.support.tokens import TestIssuer

APRIL, MAY, NOW = OPENED + 31 * DAY, OPENED + 61 * DAY, OPENED + 300 * DAY
NOT_DRAWN = Arm(0, 0, 0)
ARM = st.integers(0, 60).map(lambda customers: Arm(customers, customers, 0))
KEYS = st.tuples(st.sampled_from(["stage", "tier"]), st.sampled_from("abcdef"))


@pytest.fixture(autouse=True)
async def now(service: Delivering) -> None:
    """Events came until then."""
    async with service.runtime.engine.begin() as connection:
        await move_clocks(connection, {0: NOW})


def book(random: Random, customers: int) -> list[dict[str, Any]]:
    """Customers with a first alert that counts, and some with a later one that does not."""
    cases = []
    for number in range(customers):
        kind = {"tier": random.choice(["high", "middle", None]), "stage": random.choice(["new", "mature"])}
        arm = "held-out" if random.random() < 0.3 else "treated"
        gone = random.choice([True, False, False, None])
        steps = [] if arm == "held-out" else [task("care-call", OPENED + DAY)]
        cases.append(case(f"c-{number}", arm=arm, gone=gone, steps=steps, segment=None, **kind))
        if number % 5 == 0:
            again = "treated" if arm == "held-out" else "held-out"
            cases.append(case(f"c-{number}", arm=again, gone=True, at=OPENED + 200 * DAY, **kind))
    return cases


def cells(answer: Any) -> Mapping[tuple[str | None, str | None], Any]:
    (one,) = answer["playbooks"]
    return {(cell["by"], cell["group"]): cell["effect"] for cell in one["cells"]}


async def test_the_figures_are_those_of_a_recount_each_customer_once(write: Write, watcher: httpx.AsyncClient) -> None:
    drawn = book(Random(7), 400)
    await write(*drawn)
    counted: dict[Any, Counter[str]] = {}
    seen: set[str] = set()
    for one in sorted(drawn, key=lambda one: one["alerts"][0]["opened_at"]):
        (row,), judged = one["alerts"], one["alert_outcomes"]
        if row["customer_id"] in seen:
            continue
        seen.add(row["customer_id"])
        for by, group in ((None, None), *((by, row[by] or "unknown") for by in ("stage", "tier", "segment"))):
            count = counted.setdefault((by, group), Counter())
            count[f"{row['arm']} drawn"] += 1
            count[f"{row['arm']} judged"] += bool(judged)
            count[f"{row['arm']} stayed"] += bool(judged) and judged[0]["gone_on"] is None
    found = cells((await watcher.get("/cases/what-worked")).json())
    assert found.keys() == counted.keys()
    assert all(found.values()), "these are enough customers everywhere"
    for key, count in counted.items():
        effect, rates = found[key], {}
        for arm, name in (("treated", "treated"), ("held-out", "held_out")):
            told = {part: effect[name][part] for part in ("drawn", "judged", "stayed")}
            assert told == {part: count[f"{arm} {part}"] for part in told}
            rates[arm] = wilson(count[f"{arm} stayed"], count[f"{arm} judged"])
        apart = difference(rates["treated"], rates["held-out"])
        assert effect["difference"] == pytest.approx(apart._asdict())


async def test_what_was_planned_and_what_was_really_done_stand_beside_it(
    write: Write, watcher: httpx.AsyncClient
) -> None:
    steps = [contact("care-message", "refused", OPENED, "capped"), task("care-call", OPENED + HOUR)]
    await write(*(case(f"c-{number}", arm=None, gone=False, steps=steps) for number in range(LEAST)))
    (one,) = (await watcher.get("/cases/what-worked", params={"playbook": "care-of-all"})).json()["playbooks"]
    assert [(step["kind"], step["action"]) for step in one["steps"]] == [
        ("contact", "care-message"),
        ("contact", "care-letter"),
        ("task", "care-call"),
    ]
    assert [(work["action"], work["begun"], work["done"], work["refused"]) for work in one["work"]] == [
        ("care-message", LEAST, 0, LEAST),
        ("care-call", LEAST, LEAST, 0),
    ]
    assert one["cells"][0]["effect"]["conclusion"] == "nobody held out"
    assert (await watcher.get("/cases/what-worked", params={"playbook": "nothing"})).json()["playbooks"] == []


async def test_of_few_customers_nothing_is_told_or_left_to_reckon(write: Write, watcher: httpx.AsyncClient) -> None:
    many = [case(f"c-{number}", arm=None, gone=number % 3 == 0, tier="high") for number in range(2 * LEAST)]
    some = [case(f"d-{number}", arm=None, gone=number % 2 == 0, tier="middle") for number in range(LEAST + 5)]
    few = [case(f"e-{number}", arm=None, gone=True, tier="low") for number in range(LEAST - 1)]
    await write(*many, *some, *few)
    found = cells((await watcher.get("/cases/what-worked")).json())
    assert found["tier", "low"] is None
    assert found["tier", "middle"] is None, "the whole less the others would be the few"
    assert found["tier", "high"]["treated"]["judged"] == 2 * LEAST
    assert found[None, None]["treated"]["judged"] == 4 * LEAST + 4


async def test_of_few_in_an_arm_nothing_is_told_or_left_to_reckon(write: Write, watcher: httpx.AsyncClient) -> None:
    """Of 60 with one held out, once was told that it was one."""
    await write(*drawn("high", treated=60, held_out=1), *drawn("middle", treated=60, held_out=12))
    await write(*drawn("low", treated=60, held_out=20))
    found = cells((await watcher.get("/cases/what-worked")).json())
    assert found["tier", "high"] is None
    assert found["tier", "middle"] is None, "the whole less the others would be the one"
    assert found["tier", "low"]["held_out"]["drawn"] == 20
    assert found[None, None]["held_out"]["drawn"] == 33


@given(st.dictionaries(KEYS, st.builds(Arms, ARM, ARM, st.just(NOT_DRAWN)), max_size=10))
def test_what_is_hidden_of_a_division_is_nothing_or_no_smaller_than_what_may_be_told(
    groups: dict[tuple[str | None, str | None], Arms],
) -> None:
    shown = told_of(groups, LEAST)
    for by in ("stage", "tier"):
        mine = {key for key in groups if key[0] == by and groups[key].judged}
        hidden = [groups[key] for key in mine - shown]
        if hidden and mine & shown:
            assert sum(arms.judged for arms in hidden) >= LEAST
            if any(min(arms.treated.drawn, arms.held_out.drawn) < LEAST_DRAWN for arms in hidden):
                assert min(sum(arms[place].drawn for arms in hidden) for place in (0, 1)) >= LEAST_DRAWN
    assert all(groups[key].judged >= LEAST for key in shown)
    assert all(min(groups[key].treated.drawn, groups[key].held_out.drawn) >= LEAST_DRAWN for key in shown)


def drawn(tier: str, *, treated: int, held_out: int, at: datetime = OPENED) -> list[dict[str, Any]]:
    """Customers of their own by arm, all judged and none gone, each treated one called."""
    arms = {"treated": treated, "held-out": held_out}
    return [
        case(
            f"{arm}-{tier}-{at:%m}-{number}",
            arm=arm,
            gone=False,
            tier=tier,
            at=at,
            steps=[task("care-call", at + DAY)] if arm == "treated" else [],
        )
        for arm, customers in arms.items()
        for number in range(customers)
    ]


async def in_charge(service: Delivering, of: str) -> None:
    """The manager of the lead has charge of these customers."""
    await tell_who_manages(service)
    await service.rows_written(
        "INSERT INTO customer_managers (customer_id, relationship_manager, revision) "
        f"SELECT DISTINCT customer_id, '{MANAGER}', 1 FROM alerts WHERE customer_id LIKE '{of}'"
    )


async def test_a_lead_is_told_of_the_team_alone_and_of_months_with_enough_in_each_arm(
    service: Delivering, app: FastAPI, issuer: TestIssuer, write: Write, watcher: httpx.AsyncClient
) -> None:
    await write(*drawn("high", treated=LEAST, held_out=12), *drawn("high", treated=60, held_out=9, at=APRIL))
    await write(*(case(f"other-{number}", gone=False) for number in range(20)))
    await in_charge(service, of="%-high-%")
    async with client_of(app, issuer, "team_lead", subject=LEAD) as client:
        found = cells((await client.get("/cases/what-worked")).json())
    assert found.keys() == {(None, None)}, "of no group"
    told = found[None, None]
    assert (told["treated"]["drawn"], told["held_out"]["drawn"]) == (LEAST, 12)
    whole = cells((await watcher.get("/cases/what-worked")).json())
    assert whole["stage", "mature"]["treated"]["drawn"] == LEAST + 80
    told = whole[None, None]
    assert (told["treated"]["drawn"], told["held_out"]["drawn"]) == (LEAST + 80, 21)


async def test_no_two_periods_of_a_lead_differ_by_a_few_of_whom_some_are_held_out(
    service: Delivering, app: FastAPI, issuer: TestIssuer, write: Write
) -> None:
    """Once a lead read the arm of a customer off the figures with and without a second of the alert's opening."""
    await write(*drawn("high", treated=50, held_out=12), *drawn("middle", treated=50, held_out=12))
    await write(*drawn("middle", treated=60, held_out=1, at=APRIL))
    await write(*drawn("high", treated=9, held_out=1, at=MAY), *drawn("middle", treated=60, held_out=12, at=MAY))
    await in_charge(service, of="%")
    async with client_of(app, issuer, "team_lead", subject=LEAD) as lead:

        async def told(**asked: str) -> Any:
            return (await lead.get("/cases/what-worked", params=asked)).json()["playbooks"]

        march = await told(opened_to="2025-04-01T00:00:00+08:00")
        assert march == await told(opened_to="2025-05-01T00:00:00+08:00"), (
            "April has one held out and counts in neither"
        )
        assert await told(opened_from="2025-04-01T00:00:00+08:00", opened_to="2025-05-01T00:00:00+08:00") == []
        before, whole = cells({"playbooks": march}), cells({"playbooks": await told()})
    more = {arm: whole[None, None][arm]["drawn"] - before[None, None][arm]["drawn"] for arm in ("treated", "held_out")}
    assert more == {"treated": 69, "held_out": 13}, "May has enough in all"


async def test_a_period_is_of_whole_months_that_are_over(write: Write, watcher: httpx.AsyncClient) -> None:
    for name, moment in (("opened_from", "2025-03-01T00:00:01+08:00"), ("opened_to", "2025-03-02T00:00:00+08:00")):
        refused = await watcher.get("/cases/what-worked", params={name: moment})
        assert refused.status_code == 422
        assert f"`{name}` must be the first midnight of a month" in refused.text
    await write(*(case(f"c-{number}", arm=None, at=NOW - DAY) for number in range(LEAST)))
    assert (await watcher.get("/cases/what-worked")).json()["playbooks"] == [], "this month is not over"


async def test_a_person_of_several_files_is_in_one_arm_the_survivors_first(
    service: Delivering, write: Write, watcher: httpx.AsyncClient
) -> None:
    """Counted by file, as it once was, the person would be in both arms."""
    await write(*drawn("high", treated=50, held_out=20))
    await write(case("held-out-high-03-0", arm="treated", gone=False, at=OPENED - 60 * DAY))
    merged = "'held-out-high-03-1', 'treated-high-03-1', 1"
    await service.rows_written(
        f"INSERT INTO merged_files VALUES ({merged}), ('treated-high-03-1', 'treated-high-03-1', 1)"
    )
    told = cells((await watcher.get("/cases/what-worked")).json())[None, None]
    assert (told["treated"]["drawn"], told["held_out"]["drawn"]) == (51, 18)


async def test_a_playbook_says_where_its_evidence_is(watcher: httpx.AsyncClient) -> None:
    shown = (await watcher.get("/playbooks/care-of-all")).json()
    assert shown["evidence"] == "/cases/what-worked?playbook=care-of-all"
    assert (await watcher.get(shown["evidence"])).status_code == 200
