"""Account opening, service upgrade, a new product and one that matured each begin their playbook, once."""

from datetime import date, timedelta
from typing import Any

import pytest

from rapport.events.bank import AccountChanged, Holding, HoldingChanged
from rapport.events.base import Event
from rapport.events.scoring import TierChanged
from tests.churn_alert.intervention.conftest import Told
from tests.support.consenting import consents
from tests.support.delivering import NOON, Delivering
from tests.support.serving import Start


@pytest.fixture
async def service(running: Start) -> Delivering:
    """In wall time: tiers come from another service, and where the bank's stream is says nothing of them."""
    return await running("wall")


TODAY = NOON.date()


def account(opened_on: date = TODAY, **fields: Any) -> AccountChanged:
    said = {"account_id": "a-1", "customer_id": "c-1", "type": "current", "status": "open", "opened_on": opened_on}
    money = {"balance": "10.00", "currency": "CNY", "as_of": NOON}
    return AccountChanged.model_validate(said | money | fields)


def tier(rank: int, revision: int) -> TierChanged:
    names = {1: "high", 2: "middle", 3: "low"}
    said = {"customer_id": "c-1", "old_tier": None, "tier": names[rank], "points": 1, "points_by_dimension": {}}
    rest = {"reasons": [], "scorecard_version": 1, "decided_at": NOON, "revision": revision, "rank": rank, "ladder": 3}
    return TierChanged.model_validate(said | rest)


def holdings(revision: int, **products: str) -> HoldingChanged:
    held = [
        Holding.model_validate(
            {"product": name, "kind": "wealth", "amount": "1.00", "currency": "CNY", "status": status}
        )
        for name, status in products.items()
    ]
    return HoldingChanged(customer_id="c-1", holdings=tuple(held), as_of=NOON, revision=revision)


async def hear(service: Delivering, *facts: Event) -> None:
    for fact in facts:
        await service.deliver(service.feed.record(fact))
    assert await service.rows("SELECT handler, reason FROM dead_letters") == []


async def begun(told: Told) -> list[str]:
    return [fact["node"] for fact in await told() if fact["change"] == "proposed"]


async def test_an_account_that_was_opened_begins_a_welcome_once_however_often_it_is_told(
    service: Delivering, told: Told
) -> None:
    await hear(service, account(), account(balance="20.00"), account(status="dormant"))
    assert await begun(told) == ["account-opening"]
    (asked,) = await told("contact-requested")
    assert (asked["template"], asked["purpose"]) == ("opening-welcome", "contract-performance")


@pytest.mark.parametrize("fields", [{"opened_on": NOON.date() - timedelta(days=30)}, {"status": "closed"}])
async def test_an_account_of_before_or_one_that_is_closed_is_no_news(
    service: Delivering, told: Told, fields: dict[str, Any]
) -> None:
    await hear(service, account(**fields))
    assert await begun(told) == []


async def test_a_higher_tier_begins_a_call_and_the_first_a_lower_or_an_old_one_does_not(
    service: Delivering, told: Told
) -> None:
    await hear(service, tier(2, 1), tier(3, 2), tier(1, 1))
    assert await begun(told) == []
    await hear(service, tier(2, 3), tier(2, 3))
    assert await begun(told) == ["service-upgrade"]


async def test_a_new_product_and_one_that_matured_are_told_apart_from_what_was_held(
    service: Delivering, told: Told
) -> None:
    await hear(service, holdings(1, **{"WM-1": "active"}))
    assert await begun(told) == []
    await hear(service, holdings(2, **{"WM-1": "matured", "WM-2": "active"}))
    assert sorted(await begun(told)) == ["new-product", "product-matured"]
    products = {fact["node"]: fact["playbook"] for fact in await told()}
    assert products == {"new-product": "new-product", "product-matured": "money-falls-free"}
    await hear(service, holdings(1, **{"WM-3": "active"}), holdings(2, **{"WM-4": "active"}))
    assert len(await begun(told)) == 2, "an older word is no news"


async def test_nothing_begins_for_who_refuses_what_it_rests_on(service: Delivering, told: Told) -> None:
    await hear(service, consents("c-1", refused=["contract-performance"]), account())
    assert await begun(told) == []
