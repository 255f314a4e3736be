"""Behaviour over REST: by product, channel, kind of contact and account, kept apart from what others book."""

from datetime import datetime
from typing import Any

import httpx
import pytest

from rapport.events.bank import AccountChanged, Holding, HoldingChanged
from rapport.events.base import Event
from tests.churn_alert.lives import DAY, HOUR, START, paid, salary, steady, taken_back, used, when
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer


def held(revision: int, *products: str) -> HoldingChanged:
    holdings = tuple(
        Holding(product=product, kind="fund", amount="100.00", currency="CNY", status="active") for product in products
    )
    return HoldingChanged(customer_id="c-1", holdings=holdings, as_of=START + revision * DAY, revision=revision)


def account(balance: str, at: datetime, **fields: Any) -> AccountChanged:
    said: dict[str, Any] = {"type": "current", "status": "open", "opened_on": "2024-01-01", "currency": "CNY"}
    return AccountChanged(account_id="a-c-1", customer_id="c-1", balance=balance, as_of=at, **(said | fields))


async def deliver(service: Delivering, *events: Event) -> None:
    def at(event: Any) -> datetime:
        return event.as_of if isinstance(event, AccountChanged | HoldingChanged) else when(event)

    await service.deliver(*[service.feed.record(one, time=at(one)) for one in sorted(events, key=at)])


async def shown(api: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    answer = await api.get("/risks/c-1/behaviour", **asked)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def test_what_a_customer_does_is_shown_by_product_and_channel_with_the_channel_preferred_for_each(
    api: httpx.AsyncClient, service: Delivering
) -> None:
    funds = {"product": "FUND-1", "counterparty_class": "bank"}
    await deliver(
        service,
        *steady("c-1", 90),
        *[paid("c-1", START + (60 + n) * DAY, "100.00", channel="mobile", **funds) for n in range(3)],
        paid("c-1", START + 70 * DAY, "100.00", channel="counter", **funds),
        *[used("c-1", START + n * 10 * DAY + 2 * HOUR) for n in range(10)],
        # A moment is lived through once every topic has gone beyond it: this last posting waits.
        paid("c-1", START + 91 * DAY),
        used("c-1", START + 91 * DAY),
    )
    found = await shown(api)
    fund, plain = found["products"]
    assert (fund["product"], fund["own"]["times"], fund["own"]["amount"]) == ("FUND-1", 4, "400.00")
    assert [one["channel"] for one in fund["channels"]] == ["mobile", "counter"]
    assert sum(one["share"] for one in fund["channels"]) == pytest.approx(1)
    assert (plain["product"], plain["own"]["times"], plain["uses"]["times"]) == (None, 90, 11)
    assert plain["automatic"]["times"] == found["automatic"]["times"] == 4
    assert (found["own"]["times"], found["own"]["amount"]) == (94, "3550.00")
    channels = {one["channel"]: one for one in found["channels"]}
    assert {"card", "counter", "mobile"} == set(channels)
    assert channels["card"]["own"]["a_month"] == pytest.approx(30, rel=0.05)
    assert channels["card"]["own"]["trend"] == pytest.approx(1, rel=0.05)
    assert [(one["kind"], one["channel"], one["uses"]["times"]) for one in found["services"]] == [
        ("login", "mobile", 11)
    ]


async def test_a_posting_that_is_booked_back_is_taken_out_and_money_of_another_currency_is_none(
    api: httpx.AsyncClient, service: Delivering
) -> None:
    one = paid("c-1", START, "80.00", transaction_no="t-80")
    foreign = paid("c-1", START + HOUR, "9.00", currency="USD", transaction_no="t-9")
    await deliver(service, one, foreign, paid("c-1", START + 2 * HOUR), taken_back(one, START + DAY))
    found = await shown(api)
    assert (found["own"]["times"], found["own"]["amount"]) == (2, "35.00")


async def test_a_balance_is_that_told_last_by_posting_or_account_in_whatever_order_it_came(
    api: httpx.AsyncClient, service: Delivering
) -> None:
    await deliver(service, paid("c-1", START + 9 * DAY, balance_after="500.00", transaction_no="t-9"))
    await deliver(service, account("900.00", START + 3 * DAY))
    await deliver(service, paid("c-1", START + 4 * DAY, balance_after="865.00", transaction_no="t-4"))
    (one,) = (await shown(api))["accounts"]["items"]
    assert (one["balance"], one["type"], one["status"]) == ("500.00", "current", "open")
    assert float(one["balance_of_the_year"]) == pytest.approx(500 + 70, abs=2)
    await deliver(service, account("0.00", START + 20 * DAY, status="closed", closed_on="2025-01-21"))
    (closed,) = (await shown(api))["accounts"]["items"]
    assert (closed["balance"], closed["status"]) == ("0.00", "closed")


async def test_what_is_lent_is_not_the_customers_balance(api: httpx.AsyncClient, service: Delivering) -> None:
    await deliver(service, paid("c-1", START, balance_after="-200000.00"), account("-200000.00", START, type="loan"))
    (one,) = (await shown(api))["accounts"]["items"]
    assert (one["balance"], one["balance_of_late"]) == ("-200000.00", None)


async def test_what_is_held_is_of_the_highest_revision_whatever_comes_later(
    api: httpx.AsyncClient, service: Delivering
) -> None:
    await deliver(service, paid("c-1", START))
    await deliver(service, held(2, "FUND-1"))
    await deliver(service, held(1, "FUND-1", "FUND-2", "LOAN-1"))
    assert (await shown(api))["held"] == {
        "products": ["FUND-1"],
        "most": 3,
        "as_of": (START + 2 * DAY).isoformat().replace("+00:00", "Z"),
    }


async def test_balances_are_for_those_who_may_see_them(
    api: httpx.AsyncClient, service: Delivering, issuer: TestIssuer
) -> None:
    await deliver(service, paid("c-1", START, balance_after="500.00"), salary("c-1", START + HOUR))
    seen = await shown(api, headers=issuer.bearer("compliance"))
    hidden = await shown(api, headers=issuer.bearer("auditor"))
    assert (seen["accounts"]["is_hidden"], len(seen["accounts"]["items"])) == (False, 1)
    assert hidden["accounts"] == {"is_hidden": True, "items": []}
    assert hidden["own"] == seen["own"]


async def test_nothing_is_known_of_nobody(api: httpx.AsyncClient) -> None:
    assert (await api.get("/risks/nobody/behaviour")).status_code == 404


@pytest.mark.parametrize("column", ["month", "quarter_minor"])
async def test_a_tally_that_is_no_number_cannot_be_kept(service: Delivering, column: str) -> None:
    await deliver(service, paid("c-1", START))
    with pytest.raises(Exception, match="behaviour_tallies_finite"):
        await service.rows_written(f"UPDATE behaviour_tallies SET {column} = 'NaN'")


@pytest.mark.parametrize("cell", ["own_7d = 'NaN'", "turnover_90d = 'Infinity'", "net_flow_365d = '-Infinity'"])
async def test_a_sum_that_is_no_number_cannot_be_kept(service: Delivering, cell: str) -> None:
    await deliver(service, paid("c-1", START))
    with pytest.raises(Exception, match="risks_finite"):
        await service.rows_written(f"UPDATE risks SET {cell}")
