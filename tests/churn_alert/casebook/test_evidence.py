"""What worked is told of the arms as they were drawn, equal to a plain recount, and never of so few that they show."""

from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from churn_alert.casebook.domain.evidence import too_small
from churn_alert.proof.domain.issued import LEAST_JUDGED as LEAST
from rapport.behaviour.rates import difference, wilson
from tests.churn_alert.casebook.conftest import DAY, HOUR, OPENED, Write, case, contact, task
from tests.support.delivering import Delivering
from tests.support.sight import LEAD, MANAGER, client_of, managed, tell, tell_who_manages
from tests.support.tokens import TestIssuer

KEYS = st.tuples(st.sampled_from(["stage", "tier"]), st.sampled_from("abcdef"))


@pytest.fixture
async def write(service: Delivering, write: Write) -> Write:
    """The same, and in stream time it is long after."""
    await service.rows_written("INSERT INTO stream_clocks (partition, position) VALUES (0, '2026-01-01')")
    return write


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
    await write(*(case(f"c-{number}", gone=False, steps=steps) for number in range(LEAST)))
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
    many = [case(f"c-{number}", gone=number % 3 == 0, tier="high") for number in range(2 * LEAST)]
    some = [case(f"d-{number}", gone=number % 2 == 0, tier="middle") for number in range(LEAST + 5)]
    few = [case(f"e-{number}", gone=True, tier="low") for number in range(LEAST - 1)]
    await write(*many, *some, *few)
    found = cells((await watcher.get("/cases/what-worked")).json())
    assert found["tier", "low"] is None
    assert found["tier", "middle"] is None, "the whole less the others would be the few"
    assert found["tier", "high"]["treated"]["judged"] == 2 * LEAST
    assert found[None, None]["treated"]["judged"] == 4 * LEAST + 4


@given(st.dictionaries(KEYS, st.integers(0, 300), max_size=10))
def test_what_is_hidden_of_a_division_is_nothing_or_no_smaller_than_what_may_be_told(
    judged: dict[tuple[str | None, str | None], int],
) -> None:
    hidden = too_small(judged, LEAST)
    for by in ("stage", "tier"):
        mine = {key for key in judged if key[0] == by}
        together = sum(judged[key] for key in mine & hidden)
        assert together == 0 or together >= LEAST or mine <= hidden
    assert all(judged[key] >= LEAST for key in judged.keys() - hidden)


async def test_a_lead_is_told_of_the_team_alone_without_groups_and_of_months_with_enough_in_both_arms(
    service: Delivering, app: FastAPI, issuer: TestIssuer, write: Write, watcher: httpx.AsyncClient
) -> None:
    await tell_who_manages(service)
    await tell(service, *(managed(f"c-{number}", MANAGER) for number in range(70)))
    march = [case(f"c-{number}", gone=False, arm=("treated", "held-out")[number % 5 == 0]) for number in range(60)]
    # A month of a lone held-out customer beside nine treated: by the difference of two periods the arm would be told.
    april = [
        case(f"c-{number}", gone=False, arm=("treated", "held-out")[number == 60], at=OPENED + 40 * DAY)
        for number in range(60, 70)
    ]
    others = [case(f"d-{number}", gone=False) for number in range(20)]
    await write(*march, *april, *others)
    async with client_of(app, issuer, "team_lead", subject=LEAD) as client:
        found = cells((await client.get("/cases/what-worked")).json())
    assert found.keys() == {(None, None)}
    assert (found[None, None]["treated"]["drawn"], found[None, None]["held_out"]["drawn"]) == (48, 12)
    whole = cells((await watcher.get("/cases/what-worked")).json())
    assert (whole[None, None]["treated"]["drawn"], whole[None, None]["held_out"]["drawn"]) == (48 + 9 + 20, 13)
    assert ("tier", "middle") in whole


async def test_a_period_is_of_whole_months(watcher: httpx.AsyncClient) -> None:
    within = await watcher.get("/cases/what-worked", params={"opened_from": "2025-03-03T01:00:00Z"})
    assert within.status_code == 422
    assert "first midnight of a month" in within.text
    whole = {"opened_from": "2025-03-01T00:00:00+08:00", "opened_to": "2025-04-01T00:00:00+08:00"}
    assert (await watcher.get("/cases/what-worked", params=whole)).status_code == 200


async def test_a_playbook_says_where_its_evidence_is(watcher: httpx.AsyncClient) -> None:
    shown = (await watcher.get("/playbooks/care-of-all")).json()
    assert shown["evidence"] == "/cases/what-worked?playbook=care-of-all"
    assert (await watcher.get(shown["evidence"])).status_code == 200
