"""`POST /customers`, `GET /customers/{id}` and the list: masked, paged, once for each Idempotency-Key."""

from typing import Any

from httpx import AsyncClient

from tests.customer_profile.facts import ZHANG, customer, files, record, told
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

NEW: dict[str, Any] = {
    "type": "personal",
    "identity": ZHANG.model_dump(),
    "birth_year": 1990,
    "gender": "male",
    "unit": "B0017",
    "region": "R02",
    "relationship_manager": "e-4471",
    "customer_since": "2021-04-12",
}
MASKED = {
    "full_name": "张*",
    "id_type": "resident-id",
    "id_number": "110***********1234",
    "phone": "138****1234",
    "email": "z****@example.com",
    "address": "广东省****",
}


async def test_a_recorded_customer_gets_a_token_is_shown_masked_and_is_told(
    api: AsyncClient, service: Delivering
) -> None:
    made = await api.post("/customers", json=NEW)
    assert made.status_code == 201
    customer_id = made.json()["customer_id"]
    assert len(customer_id) == 32
    assert made.headers["location"] == f"/customers/{customer_id}"
    assert made.json()["identity"] == MASKED
    shown = await api.get(made.headers["location"])
    assert shown.json() == made.json()
    assert shown.headers["etag"] == '"1"'
    (fact,) = await told(service)
    assert (fact["customer_id"], fact["customer_class"], fact["revision"]) == (customer_id, "potential", 1)


async def test_a_later_record_of_the_core_replaces_what_was_recorded_over_rest(
    api: AsyncClient, service: Delivering
) -> None:
    await api.post("/customers", json=NEW | {"customer_id": "c-1"})
    recorded_at = (await files(service))["c-1"].recorded_at
    await service.deliver(record(service, customer(unit="B0099", recorded_at=recorded_at.replace(year=2020))))
    assert (await files(service))["c-1"].unit == "B0017"
    await service.deliver(record(service, customer(unit="B0099", recorded_at=recorded_at.replace(microsecond=999_999))))
    assert (await files(service))["c-1"].unit == "B0099"


async def test_a_customer_that_is_recorded_already_is_409_and_stays_as_it_is(
    api: AsyncClient, service: Delivering
) -> None:
    await service.deliver(record(service, customer()))
    before = await files(service)
    answer = await api.post("/customers", json=NEW | {"customer_id": "c-1"})
    assert answer.status_code == 409
    assert answer.json() == {
        "type": "about:blank",
        "title": "The customer is recorded already",
        "status": 409,
        "detail": "a customer with this customer_id is recorded already",
    }
    assert await files(service) == before


async def test_the_same_request_under_one_key_records_one_customer(api: AsyncClient, service: Delivering) -> None:
    key = {"Idempotency-Key": "once"}
    first, again = [await api.post("/customers", json=NEW, headers=key) for _ in range(2)]
    assert (first.json(), again.headers["idempotency-replayed"]) == (again.json(), "true")
    assert len(await files(service)) == 1
    other = await api.post("/customers", json=NEW | {"unit": "B0018"}, headers=key)
    assert other.status_code == 422


async def test_who_has_no_token_or_no_right_records_and_reads_nothing(
    api: AsyncClient, service: Delivering, issuer: TestIssuer
) -> None:
    nobody = await api.post("/customers", json=NEW, headers={"Authorization": "Bearer x.y.z"})
    reader = await api.post("/customers", json=NEW, headers=issuer.bearer("rm"))
    stranger = await api.get("/customers", headers=issuer.bearer("auditor"))
    assert [answer.status_code for answer in (nobody, reader, stranger)] == [401, 403, 403]
    assert await files(service) == {}


MALFORMED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"unit": None}, "unit"),
    ({"surprise": 1}, "surprise"),
    ({"birth_year": 1879}, "birth_year"),
    ({"customer_since": "yesterday"}, "customer_since"),
    ({"type": "friend"}, "type"),
    ({"customer_id": "has spaces"}, "customer_id"),
    ({"customer_id": "13812341234"}, "customer_id"),
    ({"customer_id": "110109199003071234"}, "customer_id"),
    ({"customer_id": "11010119900307123X"}, "customer_id"),
    ({"customer_id": "6222020200112233445"}, "customer_id"),
    ({"customer_id": "138-1234-1234"}, "customer_id"),
    ({"customer_id": "6222_0202:0011.2233-445"}, "customer_id"),
    ({"identity": {"full_name": "张三"}}, "identity.id_type"),
    ({"identity": ZHANG.model_dump() | {"phone": "call me"}}, "identity.phone"),
    ({"identity": ZHANG.model_dump() | {"nickname": "老张"}}, "identity.nickname"),
    ({"identity": ZHANG.model_dump() | {"address": "长" * 401}}, "identity.address"),
    ({"identity": ZHANG.model_dump() | {"full_name": "  "}}, "identity.full_name"),
)


async def test_a_malformed_request_is_422_and_names_the_field(api: AsyncClient, service: Delivering) -> None:
    for change, field in MALFORMED:
        answer = await api.post("/customers", json=NEW | change)
        assert answer.status_code == 422, field
        assert field in {error["field"] for error in answer.json()["errors"]}
    assert await files(service) == {}


async def test_a_body_beyond_a_mebibyte_is_413(api: AsyncClient) -> None:
    answer = await api.post(
        "/customers", content=b"{" + b" " * 2**20 + b"}", headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413


async def test_a_customer_nobody_recorded_is_404(api: AsyncClient) -> None:
    for path in ("/customers/c-404", "/customers/c-404/accounts", "/customers/c-404/changes"):
        answer = await api.get(path)
        assert (answer.status_code, answer.json()["title"]) == (404, "No such customer")
    assert (await api.get("/customers/c 404")).status_code == 422


async def test_the_list_filters_and_shows_every_customer_once_over_its_pages(
    api: AsyncClient, service: Delivering
) -> None:
    for n in range(7):
        of = {
            "unit": f"B{n % 2}",
            "relationship_manager": "e-1" if n < 3 else None,
            "status": "closed" if n == 6 else "active",
        }
        await service.deliver(record(service, customer(f"c-{n}", **of)))
    seen, cursor = [], None
    while True:
        page = (await api.get("/customers", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json()
        seen += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert [item["customer_id"] for item in seen] == [f"c-{n}" for n in range(7)]
    assert all(item["identity"] == MASKED for item in seen)
    for wanted, expected in (
        ({"unit": "B1"}, "135"),
        ({"relationship_manager": "e-1"}, "012"),
        ({"status": "closed"}, "6"),
        ({"unit": "B0", "relationship_manager": "e-1"}, "02"),
        ({"type": "corporate"}, ""),
    ):
        items = (await api.get("/customers", params=wanted)).json()["items"]
        assert "".join(item["customer_id"][-1] for item in items) == expected
    assert (await api.get("/customers", params={"cursor": "WzFd"})).status_code == 422


async def test_identity_whose_key_is_destroyed_is_gone(api: AsyncClient, service: Delivering) -> None:
    await service.deliver(record(service, customer()))
    await service.rows_written("DELETE FROM data_keys")
    assert (await api.get("/customers/c-1")).json()["identity"] is None


async def test_tampered_ciphertext_is_a_fault_and_shows_nothing(api: AsyncClient, service: Delivering) -> None:
    await service.deliver(record(service, customer("c-1")), record(service, customer("c-2")))
    await service.rows_written(
        "UPDATE profiles p SET phone = o.phone FROM profiles o WHERE o.customer_id <> p.customer_id"
    )
    answer = await api.get("/customers/c-1")
    assert answer.status_code == 500
    assert "detail" in answer.json()
    assert "138" not in answer.text
