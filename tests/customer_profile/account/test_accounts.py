"""A customer's accounts: the latest word counts, and each is shown with its balance as a decimal string."""

from httpx import AsyncClient

from tests.customer_profile.facts import HOUR, MONDAY, account, accounts, customer, record, told
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer


async def test_accounts_are_shown_with_decimal_balances(api: AsyncClient, service: Delivering) -> None:
    words = [
        account(account_id="a-1", balance="10250.75"),
        account(account_id="a-2", type="loan", balance="-3.5"),
        account(account_id="a-3", balance="1234", currency="JPY"),
        account(account_id="a-4", balance="0.005", currency="KWD"),
    ]
    await service.deliver(record(service, customer()), *[record(service, word) for word in words])
    items = (await api.get("/customers/c-1/accounts")).json()["items"]
    assert [item["balance"] for item in items] == ["10250.75", "-3.50", "1234", "0.005"]
    assert items[0] == {
        "account_id": "a-1",
        "customer_id": "c-1",
        "type": "savings",
        "status": "open",
        "opened_on": "2021-04-12",
        "closed_on": None,
        "balance": "10250.75",
        "currency": "CNY",
        "as_of": "2026-03-02T08:00:00Z",
    }


async def test_the_largest_balances_of_the_contract_fit(api: AsyncClient, service: Delivering) -> None:
    large = ["999999999999999.999", "-999999999999999.999"]
    words = [account(account_id=f"a-{n}", balance=sum_, currency="KWD") for n, sum_ in enumerate(large)]
    await service.deliver(record(service, customer()), *[record(service, word) for word in words])
    items = (await api.get("/customers/c-1/accounts")).json()["items"]
    assert [item["balance"] for item in items] == large


async def test_a_late_word_about_an_account_changes_nothing(service: Delivering) -> None:
    await service.deliver(record(service, customer()), record(service, account(as_of=MONDAY + HOUR, balance="2.00")))
    before = await accounts(service)
    await service.deliver(record(service, account(balance="1.00", status="closed")))
    assert await accounts(service) == before


async def test_the_first_open_account_and_the_last_closed_one_change_the_class_and_are_told(
    service: Delivering,
) -> None:
    await service.deliver(record(service, customer(relationship_manager="e-1")))
    for n, status in enumerate(("open", "frozen", "dormant", "closed")):
        await service.deliver(record(service, account(status=status, as_of=MONDAY + n * HOUR)))
    assert [fact["customer_class"] for fact in await told(service)] == ["potential", "core", "potential"]


async def test_one_account_may_belong_to_two_customers(api: AsyncClient, service: Delivering) -> None:
    await service.deliver(*[record(service, customer(i)) for i in ("c-1", "c-2")])
    await service.deliver(*[record(service, account(i, "a-joint", balance=f"{i[-1]}.00")) for i in ("c-1", "c-2")])
    for i in ("c-1", "c-2"):
        (item,) = (await api.get(f"/customers/{i}/accounts")).json()["items"]
        assert item["balance"] == f"{i[-1]}.00"


async def test_the_list_filters_and_pages(api: AsyncClient, service: Delivering) -> None:
    words = [account(account_id=f"a-{n}", type="loan" if n % 2 else "savings") for n in range(5)]
    words += [account(account_id="a-5", status="closed")]
    await service.deliver(record(service, customer()), *[record(service, word) for word in words])
    page = (await api.get("/customers/c-1/accounts", params={"limit": 4})).json()
    rest = (await api.get("/customers/c-1/accounts", params={"cursor": page["next"]})).json()
    assert [item["account_id"] for item in page["items"] + rest["items"]] == [f"a-{n}" for n in range(6)]
    assert rest["next"] is None
    for wanted, expected in (({"type": "loan"}, "13"), ({"status": "closed"}, "5"), ({"type": "card"}, "")):
        items = (await api.get("/customers/c-1/accounts", params=wanted)).json()["items"]
        assert "".join(item["account_id"][-1] for item in items) == expected


async def test_who_has_no_token_or_no_right_learns_nothing_of_a_customer(api: AsyncClient, issuer: TestIssuer) -> None:
    for path in ("/customers/c-404/accounts", "/customers/c-404/changes", "/customers/c-404"):
        nobody = await api.get(path, headers={"Authorization": ""})
        stranger = await api.get(path, headers=issuer.bearer("channel"))
        assert (nobody.status_code, stranger.status_code) == (401, 403)
