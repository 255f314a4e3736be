"""A portrait marks who is of high value, about to leave or a risk, each by a part that the caller sees."""

from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from customer_profile.portrait.domain import Told
from customer_profile.portrait.marks import marks_of
from rapport.events.bank import HoldingChanged
from rapport.events.base import Event
from tests.customer_profile.facts import MONDAY
from tests.customer_profile.portrait.others import DAY, alert, crossed, holdings, tier
from tests.customer_profile.portrait.test_open_alert import STAFF_ROLES, asking, told
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer


def loan(loan_class: str | None, status: str = "active") -> HoldingChanged:
    held = {"product": "LN-1", "kind": "loan", "amount": "900.00", "currency": "CNY", "status": status}
    said = {"customer_id": "c-1", "holdings": [held | {"loan_class": loan_class}], "as_of": MONDAY, "revision": 5}
    return HoldingChanged.model_validate(said)


async def marked(app: FastAPI, issuer: TestIssuer, role: str) -> list[tuple[str, str]]:
    async with asking(app, issuer, role) as client:
        shown = await client.get("/customers/c-1/portrait")
    assert shown.status_code == 200, shown.text
    return [(one["mark"], one["part"]) for one in shown.json()["marks"]]


async def test_each_mark_names_the_part_that_says_why(app: FastAPI, issuer: TestIssuer, service: Delivering) -> None:
    await told(service, tier(), crossed(), alert(), loan("doubtful"))
    assert await marked(app, issuer, "rm") == [
        ("high-value", "tier"),
        ("potential-churn", "churn_risk"),
        ("high-risk", "holdings"),
    ]


async def test_who_is_none_of_it_has_no_mark_and_one_that_is_over_goes(
    app: FastAPI, issuer: TestIssuer, service: Delivering, api: AsyncClient
) -> None:
    await told(service, tier(), crossed(), loan("loss"))
    later: list[Event] = [
        tier(tier="middle", rank=2, revision=2),
        crossed(direction="down", probability=0.2, crossed_at=MONDAY + DAY),
        holdings("100.00", 6),
    ]
    await service.deliver(*(service.feed.record(one, time=MONDAY + DAY) for one in later))
    assert await marked(app, issuer, "compliance") == []


@pytest.mark.parametrize("role", STAFF_ROLES)
async def test_who_looks_after_a_held_out_customer_sees_no_mark_that_would_have_them_act(
    app: FastAPI, issuer: TestIssuer, service: Delivering, role: str
) -> None:
    await told(service, tier(), crossed(), alert(held_out=True))
    assert await marked(app, issuer, role) == [("high-value", "tier")]
    assert ("potential-churn", "churn_risk") in await marked(app, issuer, "compliance")


async def test_no_mark_follows_from_a_part_that_is_hidden(
    app: FastAPI, issuer: TestIssuer, service: Delivering
) -> None:
    await told(service, tier(), crossed(), loan("substandard"))
    async with asking(app, issuer, "support") as client:
        shown = (await client.get("/customers/c-1/portrait")).json()
    assert all(not shown[one["part"]]["is_hidden"] for one in shown["marks"])
    assert shown["churn_risk"]["is_hidden"]
    assert "potential-churn" not in {one["mark"] for one in shown["marks"]}


@pytest.mark.parametrize(
    ("rank", "name", "expected"),
    [(1, "private", True), (2, "high", False), (None, "high", True), (None, "middle", False)],
)
def test_the_highest_tier_is_known_by_its_place_and_without_one_by_its_name(
    rank: int | None, name: str, *, expected: bool
) -> None:
    document: dict[str, Any] = {"tier": name, "rank": rank}
    assert bool(marks_of({"tier": [Told("c-1", MONDAY, document)]})) is expected


@pytest.mark.parametrize(
    ("loan_class", "status", "expected"),
    [
        (None, "active", False),
        ("normal", "active", False),
        ("special-mention", "active", False),
        ("substandard", "active", True),
        ("loss", "active", True),
        ("loss", "closed", False),
    ],
)
def test_a_loan_that_is_bad_and_held_is_a_risk(loan_class: str | None, status: str, *, expected: bool) -> None:
    document = loan(loan_class, status).model_dump(mode="json")
    assert bool(marks_of({"holdings": [Told("c-1", MONDAY, document)]})) is expected
