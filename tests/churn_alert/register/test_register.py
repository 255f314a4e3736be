"""The risk register: opened by what is heard and by people, at most once by a rule, owned, due and closed."""

import json
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from churn_alert.register.documents import PUBLISHED
from rapport.events.bank import Holding, HoldingChanged
from rapport.events.base import Event
from rapport.events.feedback import ResponseOverdue
from tests.support.delivering import Delivering
from tests.support.erasing import MARK, erased, found_in
from tests.support.grouping import merge
from tests.support.sight import client_of, employee
from tests.support.tokens import TestIssuer

NOW = datetime(2025, 6, 2, 4, tzinfo=UTC)
PATH = "/risk-register"


def holds(revision: int, *, loan: Any = None, balance: str = "100.00", customer_id: str = "c-1") -> HoldingChanged:
    deposit = Holding(product="DEP", kind="deposit", amount=balance, currency="CNY")
    loans = (
        () if loan is None else (Holding(product="LN", kind="loan", amount="5.00", currency="CNY", loan_class=loan),)
    )
    return HoldingChanged(customer_id=customer_id, holdings=(deposit, *loans), as_of=NOW, revision=revision)


def missed(clock: Any, customer_id: str = "c-1", case: str = "case-1") -> ResponseOverdue:
    return ResponseOverdue(customer_id=customer_id, case_id=case, clock=clock, due_at=NOW)


async def tell(service: Delivering, *told: Event, after: int = 0) -> None:
    times = [NOW + timedelta(hours=after, minutes=number) for number in range(len(told))]
    await service.deliver(*[service.feed.record(one, time=time) for one, time in zip(told, times, strict=True)])


async def entries(service: Delivering) -> list[tuple[Any, ...]]:
    rows = await service.rows(
        "SELECT customer_id, kind, cause, severity, status, outcome FROM risk_entries ORDER BY opened_at, cause"
    )
    return [tuple(row) for row in rows]


async def steps(service: Delivering) -> list[str]:
    rows = await service.rows("SELECT step FROM risk_entry_steps ORDER BY entry_id, number")
    return [row.step for row in rows]


@pytest.fixture
async def managers(app: FastAPI, issuer: TestIssuer):  # type: ignore[no-untyped-def]
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(client_of(app, issuer, role, subject=who))
            for role, who in (("risk_manager", "e-risk"), ("compliance", "e-rules"), ("auditor", "e-audit"))
        ]


async def test_the_worst_class_of_a_loan_opens_an_entry_follows_it_and_ends_it(service: Delivering) -> None:
    await tell(service, holds(1, loan="normal"), holds(2, loan="special-mention"))
    assert await entries(service) == [("c-1", "credit", "loan-impaired", "low", "open", None)]
    await tell(service, holds(3, loan="substandard"), holds(4, loan="substandard"), after=1)
    assert await entries(service) == [("c-1", "credit", "loan-impaired", "medium", "open", None)]
    await tell(service, holds(5, loan="normal"), after=2)
    assert await entries(service) == [("c-1", "credit", "loan-impaired", "medium", "closed", "over")]
    assert await steps(service) == ["opened", "severity-changed", "closed"]
    await tell(service, holds(6, loan="loss"), after=3)
    assert [one[4] for one in await entries(service)] == ["closed", "open"]


async def test_an_older_word_about_holdings_says_nothing_after_a_newer(service: Delivering) -> None:
    await tell(service, holds(9, loan="normal"), holds(8, loan="loss"))
    assert await entries(service) == []
    rows = await service.rows("SELECT revision FROM holdings_heard")
    assert [row.revision for row in rows] == [9]


async def test_an_overdraft_is_as_severe_as_its_sum(service: Delivering) -> None:
    await tell(service, holds(1, balance="-9999.99"))
    assert await entries(service) == []
    await tell(service, holds(2, balance="-10000.00"), holds(3, balance="-100000.00"))
    assert await entries(service) == [("c-1", "credit", "overdrawn", "medium", "open", None)]


async def test_a_missed_answer_is_an_operational_risk_and_the_next_a_line_of_it(service: Delivering) -> None:
    await tell(service, missed("respond"), missed("respond", case="case-2"), missed("resolve", case="case-3"))
    assert await entries(service) == [("c-1", "operational", "answer-missed", "medium", "open", None)]
    assert await steps(service) == ["opened", "seen-again", "severity-changed"]


async def test_an_entry_that_somebody_owns_stays_when_its_cause_is_over(
    service: Delivering, managers: list[httpx.AsyncClient]
) -> None:
    manager = managers[0]
    await tell(service, holds(1, loan="doubtful"))
    await tell(service, employee("e-7", "u-1", "rm"))
    (found,) = (await manager.get(PATH)).json()["items"]
    assert found["due_on"] == "2025-07-02", "thirty days on, by the bank's calendar"
    path = f"{PATH}/{found['entry_id']}"
    asked = {"owner": "e-7", "due_on": "2025-08-01", "severity": "medium"}
    assigned = (await manager.post(f"{path}/assignment", json=asked)).json()
    assert (assigned["status"], assigned["owner"], assigned["severity"]) == ("in-treatment", "e-7", "medium")
    await tell(service, holds(2, loan="normal"), after=1)
    shown = (await managers[2].get(path)).json()
    assert shown["status"] == "in-treatment"
    assert [step["step"] for step in shown["steps"]] == ["opened", "assigned", "over"]
    closed = (await managers[1].post(f"{path}/closure", json={"outcome": "mitigated"})).json()
    assert (closed["status"], closed["closed_by"], closed["outcome"]) == ("closed", "e-rules", "mitigated")
    for below, body in (("closure", {"outcome": "accepted"}), ("assignment", asked)):
        assert (await manager.post(f"{path}/{below}", json=body)).status_code == 409


@pytest.mark.parametrize(
    ("who", "role", "active"), [("e-8", "teller", True), ("e-9", "rm", False), ("e-unknown", "rm", True)]
)
async def test_an_entry_is_given_to_nobody_who_could_not_deal_with_it(
    service: Delivering, managers: list[httpx.AsyncClient], who: str, role: Any, active: bool
) -> None:
    await tell(service, holds(1, loan="doubtful"))
    if who != "e-unknown":
        await tell(service, employee(who, "u-1", role).model_copy(update={"active": active}))
    (found,) = (await managers[0].get(PATH)).json()["items"]
    asked = {"owner": who, "due_on": "2025-08-01", "severity": "medium"}
    refused = await managers[0].post(f"{PATH}/{found['entry_id']}/assignment", json=asked)
    assert (refused.status_code, "`owner` must be" in refused.json()["detail"]) == (422, True)
    assert (await entries(service))[0][4] == "open"


async def test_what_is_over_its_due_date_is_listed_and_counted_by_kind(
    service: Delivering, managers: list[httpx.AsyncClient]
) -> None:
    await tell(service, holds(1, loan="loss"), missed("respond", "c-2"))
    far = {"cause": "rate-move", "severity": "low", "due_on": "2999-12-31"}
    assert (await managers[0].post(PATH, json=far)).status_code == 201

    async def listed() -> list[str]:
        found = (await managers[0].get(PATH, params={"overdue": "true"})).json()["items"]
        return sorted(one["cause"] for one in found)

    async def counted() -> dict[str, float]:
        figures = next(one for one in service.runtime.composition.figures if "overdue" in one.name)
        async with service.runtime.engine.connect() as connection:
            return {kind: value for (kind,), value in (await figures.read(connection)).items()}

    assert await listed() == ["answer-missed", "loan-impaired"]
    assert await counted() == {"credit": 1, "operational": 1, "market": 0, "legal": 0}
    await tell(service, holds(2, loan="normal"), after=1)
    assert (await listed(), (await counted())["credit"]) == (["answer-missed"], 0)


async def test_what_is_heard_is_judged_by_the_rules_of_its_day_whichever_are_the_newest(
    running: Any, tmp_path: Path
) -> None:
    (folder := tmp_path / "register").mkdir()
    for version, begins, severity in ((1, "2023-07-01", "high"), (2, str(NOW.date() + timedelta(days=1)), "low")):
        document = json.loads(PUBLISHED.read_bytes()) | {"version": version, "effective_from": begins}
        document["rules"]["loan_classes"]["severities"]["doubtful"] = severity
        (folder / f"register-{version}.json").write_text(json.dumps(document))
    service = await running(register_rules=folder)
    await tell(service, holds(1, loan="doubtful"))
    await tell(service, holds(1, loan="doubtful", customer_id="c-2"), after=24)
    rows = await service.rows("SELECT customer_id, severity, rule_version FROM risk_entries ORDER BY customer_id")
    assert [tuple(row) for row in rows] == [("c-1", "high", 1), ("c-2", "low", 2)]


@pytest.mark.parametrize(("cause", "kind"), [("rate-move", "market"), ("regulatory-finding", "legal")])
async def test_people_open_what_no_rule_can_see(
    service: Delivering, managers: list[httpx.AsyncClient], cause: str, kind: str
) -> None:
    await tell(service, holds(1))
    asked = {"cause": cause, "severity": "high", "due_on": "2025-06-30"}
    made = await managers[0].post(PATH, json=asked, headers={"Idempotency-Key": "one"})
    assert (made.status_code, made.json()["kind"], made.json()["opened_by"]) == (201, kind, "e-risk")
    again = await managers[0].post(PATH, json=asked, headers={"Idempotency-Key": "one"})
    assert again.json() == made.json()
    assert [one[1] for one in await entries(service)] == [kind]


@pytest.mark.parametrize(
    ("asked", "status", "says"),
    [
        ({"cause": "bad-luck"}, 422, "There is no such cause"),
        ({"due_on": "2025-06-01"}, 422, "The due date is over"),
        ({"severity": "huge"}, 422, None),
        ({"note": "he said so"}, 422, None),
    ],
)
async def test_what_cannot_be_opened_is_refused(
    service: Delivering, managers: list[httpx.AsyncClient], asked: dict[str, str], status: int, says: str | None
) -> None:
    await tell(service, holds(1))
    good = {"cause": "fraud-loss", "severity": "low", "due_on": "2025-06-02"}
    answer = await managers[0].post(PATH, json=good | asked)
    assert answer.status_code == status
    assert says is None or answer.json()["title"] == says
    assert await entries(service) == []
    assert (await managers[2].post(PATH, json=good)).status_code == 403
    assert (await managers[0].get(f"{PATH}/{uuid4()}")).status_code == 404


async def test_every_filter_narrows_and_a_person_is_all_files(
    service: Delivering, managers: list[httpx.AsyncClient]
) -> None:
    await tell(service, holds(1, loan="loss"), holds(1, balance="-20000.00", customer_id="c-2"), missed("respond"))
    await tell(service, *merge(1, "c-1", "c-2"), after=1)

    async def count(**asked: str) -> int:
        return len((await managers[0].get(PATH, params=asked)).json()["items"])

    assert await count() == await count(customer_id="c-2") == 3
    assert (await count(kind="credit"), await count(cause="overdrawn"), await count(severity="high")) == (2, 1, 1)
    assert (await count(owner="e-7"), await count(status="closed")) == (0, 0)
    due = [await count(kind="credit", due_before=day) for day in ("2025-07-02", "2025-07-03")]
    assert due == [0, 2]


async def test_of_who_is_destroyed_no_entry_is_left_and_none_is_opened(
    service: Delivering, managers: list[httpx.AsyncClient]
) -> None:
    await tell(service, holds(1, loan="loss"), holds(1, loan="loss", customer_id="c-2"))
    await tell(service, erased("c-1"), holds(2, loan="doubtful"), after=1)
    assert await found_in(service.runtime.engine, "c-1", beside=frozenset({MARK, "outbox"})) == {}
    assert [one[0] for one in await entries(service)] == ["c-2"]
    assert await steps(service) == ["opened"]
    asked = {"cause": "collateral", "severity": "low", "due_on": "2025-07-01", "customer_id": "c-1"}
    assert (await managers[0].post(PATH, json=asked)).status_code == 404
