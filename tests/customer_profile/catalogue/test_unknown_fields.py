"""A field that no contract knows is kept nowhere, but counted, and named where its name can be no person's."""

import json

import pytest
from httpx import AsyncClient

from rapport.composition import Runtime
from rapport.events.bank import HoldingChanged
from rapport.messaging.refused_fields import NAMED
from rapport.messaging.unknown_fields import unknown_fields
from rapport.telemetry.metrics import Metrics
from rapport.telemetry.observer import DeliveryTelemetry
from tests.customer_profile.facts import HOUR, MONDAY, ZHANG, account, customer, record
from tests.customer_profile.test_privacy import everything_stored
from tests.support.delivering import Delivering


@pytest.fixture
async def counting(service: Delivering) -> tuple[Delivering, Metrics]:
    """The service, seen as a worker is."""
    metrics, runtime = Metrics("customer-profile"), service.runtime
    observed = Runtime(runtime.composition, runtime.settings, role="worker", observer=DeliveryTelemetry(metrics))
    seen = Delivering(observed)
    seen.feed = service.feed
    return seen, metrics


async def fields(service: Delivering) -> dict[tuple[str, str], int]:
    rows = await service.rows("SELECT topic, field, sum(records)::int AS n FROM refused_fields GROUP BY 1, 2")
    return {(row.topic, row.field): row.n for row in rows}


async def test_it_is_counted_and_named_and_nothing_of_it_is_kept(counting: tuple[Delivering, Metrics]) -> None:
    service, metrics = counting
    named = ZHANG.model_dump() | {"maiden_name": "金丝雀"}
    await service.deliver(
        record(service, customer("c-1"), data={"shoe_size": "canary-44", "identity": named}),
        record(service, customer("c-2"), data={"shoe_size": "canary-45"}),
        record(service, customer("c-3")),
        record(service, account("c-1"), data={"nick_name": "canary-46", "13987654321": 1}),
    )
    assert await fields(service) == {
        ("customer-recorded", "shoe_size"): 2,
        ("customer-recorded", "identity.maiden_name"): 1,
        ("account-changed", "nick_name"): 1,
        ("account-changed", "?"): 1,
    }
    dump = await everything_stored(service)
    assert [name for name, rows in dump.items() for mark in ("canary", "金丝雀", "13987654321") if mark in rows] == []
    assert (await service.counts())["applied"] == 4
    told = metrics.render().decode()
    assert 'rapport_refused_fields_total{service="customer-profile",topic="customer-recorded"} 3.0' in told
    assert 'rapport_refused_fields_total{service="customer-profile",topic="account-changed"} 2.0' in told
    await service.runtime.close()


async def test_records_of_several_polls_are_added_up(service: Delivering) -> None:
    odd = record(service, customer("c-1"), data={"shoe_size": 44})
    await service.deliver(odd)
    late = record(service, customer("c-1", recorded_at=MONDAY + HOUR), data={"shoe_size": 44})
    await service.deliver(late)
    assert await fields(service) == {("customer-recorded", "shoe_size"): 2}


async def test_over_rest_it_is_refused_and_counted_by_operation_of_callers_who_are_known(
    service: Delivering, api: AsyncClient
) -> None:
    body = {"shoe_size": "canary-44", "13987654321": 1, "identity": {"full_name": "x", "maiden_name": "canary"}}
    assert (await api.post("/customers", json=body)).status_code == 422
    assert (await api.post("/customers", json={"shoe_size": 1})).status_code == 422
    assert (await api.post("/customers", json=body, headers={"Authorization": "none"})).status_code == 401
    assert await fields(service) == {
        ("POST /customers", "shoe_size"): 2,
        ("POST /customers", "?"): 1,
        ("POST /customers", "identity.maiden_name"): 1,
    }
    dump = await everything_stored(service)
    assert [name for name, rows in dump.items() for mark in ("canary", "13987654321") if mark in rows] == []


async def test_names_are_bounded(service: Delivering) -> None:
    letters = [f"{a}{b}" for a in "abcdefghij" for b in "abcdefghij"]
    await service.deliver(record(service, customer("c-1"), data={f"odd_{name}": 1 for name in letters}))
    await service.deliver(record(service, customer("c-1", recorded_at=MONDAY + HOUR), data={"odd_aa": 1, "odd_new": 1}))
    found = await fields(service)
    assert len(found) == NAMED + 1
    assert found["customer-recorded", "?"] == len(letters) - NAMED + 1
    assert found["customer-recorded", "odd_aa"] == 2


def test_fields_are_found_wherever_they_hide_and_known_ones_never() -> None:
    holding = {"product": "P1", "kind": "fund", "amount": "5.00", "currency": "CNY", "status": "active"}
    whole = {"customer_id": "c", "holdings": [holding, holding], "as_of": "2026-03-02T08:00:00Z", "revision": 1}
    for wire, unknown in (
        (whole, ()),
        (whole | {"holdings": []}, ()),
        (whole | {"holdings": [holding, holding | {"shade": 1}]}, ("holdings.shade",)),
        (whole | {"surprise": {"product": 1}}, ("surprise",)),
        (whole | {"Zhang": 1}, ("?",)),
    ):
        for data in (json_of(wire), json_of(wire).replace(b'":', b'" :')):
            assert unknown_fields(HoldingChanged.model_validate_json(data), data) == unknown


def json_of(wire: dict[str, object]) -> bytes:
    return json.dumps(wire).encode()
