"""`GET /customers/{id}/portrait`: one read shows all that the bank and the services told, in whatever order it came."""

from random import Random
from typing import Any

from httpx import ASGITransport, AsyncClient

from customer_profile.portrait.store import find
from rapport.clock import utc_now
from rapport.events.base import Event
from rapport.row_security import ALL
from rapport.serving import api_of
from tests.customer_profile.customer.test_recording import MASKED
from tests.customer_profile.facts import HOUR, MONDAY, account, customer
from tests.customer_profile.portrait.others import (
    DAY,
    alert,
    assessed,
    case,
    classified,
    crossed,
    holdings,
    interaction,
    reversal,
    stage,
    tier,
    transaction,
)
from tests.support.delivering import Delivering
from tests.support.serving import Start, Subject
from tests.support.tokens import TestIssuer

SALARY = transaction(transaction_no="T-2", direction="credit", kind="salary", amount="18000.00", initiator="automatic")
TOLD: list[Event] = [
    customer(relationship_manager="e-4471"),
    account(),
    account(account_id="a-2", balance="-20.00"),
    transaction(),
    SALARY,
    transaction(transaction_no="T-3", amount="7.50", occurred_at=MONDAY + HOUR),
    (mistake := transaction(transaction_no="T-4", amount="900.00")),
    reversal(mistake, "T-5", occurred_at=MONDAY + 40 * DAY),
    transaction(transaction_no="T-6", currency="USD", amount="3.00", occurred_at=MONDAY + 30 * DAY),
    tier(tier="middle", revision=1, rank=2),
    tier(revision=2),
    assessed(),
    assessed(revision=2, risk_tolerance="C4"),
    crossed(),
    crossed(direction="down", probability=0.2, crossed_at=MONDAY + DAY),
    alert(),
    alert("acknowledged", 1, owner="e-4471"),
    stage("new", 1),
    stage("mature", 2),
    holdings("100.00", 1),
    holdings("50000.00", 2),
    case("opened"),
    classified("high"),
    case("opened", case_id="k-2"),
    case("resolved", 3, case_id="k-2"),
    case("opened", 1, case_id="k-3"),
    *[interaction(hours) for hours in range(25)],
]
OF_OTHERS = "SELECT to_jsonb(f) AS row FROM portrait_facts f ORDER BY kind, item"
MONTHS = "SELECT to_jsonb(m) AS row FROM portrait_months m ORDER BY month"


async def deliver(service: Delivering, told: list[Event], *, size: int = 100) -> None:
    """Each with an id of its own, the same however often it is told."""
    ids = {id(fact): f"e-{place}" for place, fact in enumerate(TOLD)}
    # No fact may be told before it happened.
    records = [service.feed.record(fact, identifier=ids[id(fact)], time=MONDAY + 40 * DAY) for fact in told]
    for begin in range(0, len(records), size):
        await service.deliver(*records[begin : begin + size])


async def portrait(api: AsyncClient) -> dict[str, Any]:
    shown = await api.get("/customers/c-1/portrait")
    assert shown.status_code == 200, shown.text
    found: dict[str, Any] = shown.json()
    return found


async def test_all_that_was_told_of_a_customer_is_shown_in_one_read(api: AsyncClient, service: Delivering) -> None:
    await deliver(service, TOLD)
    shown = await portrait(api)
    assert shown["basic"]["identity"] == MASKED
    assert [one["account_id"] for one in shown["accounts"]["value"]] == ["a-1", "a-2"]
    assert shown["transactions"]["value"] == [
        {
            "month": "2026-04",
            "currency": "USD",
            "credits": [],
            "debits": [{"kind": "card-purchase", "count": 1, "amount": "3.00"}],
        },
        {
            "month": "2026-03",
            "currency": "CNY",
            "credits": [{"kind": "salary", "count": 1, "amount": "18000.00"}],
            "debits": [{"kind": "card-purchase", "count": 2, "amount": "20.00"}],
        },
    ]
    tier_told = shown["tier"]["value"]
    assert (tier_told["tier"], tier_told["revision"], tier_told["reasons"][0]["feature"]) == ("high", 2, "active_days")
    assert shown["risk_preference"]["value"]["risk_tolerance"] == "C4"
    assert shown["churn_risk"]["value"]["direction"] == "down"
    assert (shown["open_alert"]["value"]["status"], shown["open_alert"]["value"]["owner"]) == ("acknowledged", "e-4471")
    assert shown["lifecycle"]["value"]["stage"] == "mature"
    assert shown["holdings"]["value"]["holdings"][0]["amount"] == "50000.00"
    assert [(one["case_id"], one.get("severity")) for one in shown["open_cases"]["value"]] == [
        ("k-3", None),
        ("k-1", "high"),
    ]
    assert len(shown["interactions"]["value"]) == 20
    assert shown["interactions"]["as_of"] == "2026-03-03T08:00:00Z"


async def test_a_month_that_has_not_begun_is_not_shown_though_something_is_dated_in_it(
    api: AsyncClient, service: Delivering
) -> None:
    await deliver(service, TOLD)
    before = await portrait(api)
    now = utc_now()
    of = transaction(transaction_no="T-8", occurred_at=now + 300 * DAY)
    await service.deliver(service.feed.record(reversal(of, "T-9", occurred_at=now - HOUR), time=now - HOUR))
    assert len(await service.rows(MONTHS)) == 3
    after = await portrait(api)
    assert after["transactions"]["value"] == before["transactions"]["value"] != []
    assert after["transactions"]["as_of"] == before["transactions"]["as_of"]


async def test_of_the_present_month_what_has_come_is_shown_and_the_rest_on_its_day(
    api: AsyncClient, service: Delivering
) -> None:
    """Told of a later day of the month: a posting for value, and a reversal of what is still to be booked."""
    await deliver(service, TOLD)
    now = utc_now().astimezone(service.runtime.composition.state["calendar"].zone)
    ends = (now.replace(day=1) + 32 * DAY).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    later = min(ends - HOUR / 3600, now + 20 * HOUR)  # no posting is told more than a day ahead
    ahead = transaction(transaction_no="T-21", amount="11.00", occurred_at=later)
    back = reversal(transaction(transaction_no="T-22", amount="2.00", occurred_at=later), "T-23", occurred_at=now)
    for fact in (transaction(transaction_no="T-20", amount="7.00", occurred_at=now), ahead, back):
        await service.deliver(service.feed.record(fact, time=now))
    for moment, wanted in ((utc_now().astimezone(now.tzinfo), (1, 700)), (later, (1, 1600))):
        async with service.runtime.engine.connect() as connection:
            found = await find(connection, "c-1", sight=ALL, months=1, until=moment)
        assert found is not None
        (present,) = found.months
        assert list(present.entries.values()) == [wanted]
        assert present.as_of <= moment
    shown = (await portrait(api))["transactions"]
    assert [one["amount"] for one in shown["value"][0]["debits"]] == ["7.00"]


async def test_shuffled_and_repeated_words_end_in_the_same_rows(running: Start) -> None:
    in_order, shuffled = await running(), await running()
    await deliver(in_order, TOLD)
    mixed = TOLD * 2
    Random(4).shuffle(mixed)
    await deliver(shuffled, mixed, size=7)
    assert await shuffled.rows(OF_OTHERS) == await in_order.rows(OF_OTHERS)
    assert await shuffled.rows(MONTHS) == await in_order.rows(MONTHS)
    assert (await shuffled.counts())["duplicate"] == len(TOLD)


async def test_what_was_told_before_the_file_is_shown_with_it(api: AsyncClient, service: Delivering) -> None:
    await deliver(service, [fact for fact in TOLD if fact.name == "tier-changed"])
    missing = await api.get("/customers/c-1/portrait")
    assert (missing.status_code, missing.json()["title"]) == (404, "No such customer")
    await deliver(service, TOLD[:1])
    assert (await portrait(api))["tier"]["value"]["tier"] == "high"


async def test_each_part_says_how_far_behind_its_own_source_it_is(api: AsyncClient, service: Delivering) -> None:
    await deliver(service, TOLD[:3])
    await service.rows_written(
        "UPDATE consumer_offsets SET log_end_offset = next_offset + 7 WHERE topic = 'tier-changed'",
        "UPDATE consumer_offsets SET log_end_offset = next_offset + 2 WHERE topic = 'case-changed'",
        "UPDATE consumer_offsets SET log_end_offset = next_offset + 1 WHERE topic = 'feedback-classified'",
    )
    shown = await portrait(api)
    lags = {part: of["lag"] for part, of in shown.items() if isinstance(of, dict) and of.get("lag")}
    assert lags == {"tier": 7, "open_cases": 3}
    assert shown["tier"] == {"is_hidden": False, "as_of": None, "lag": 7, "value": None}


async def test_behind_is_counted_where_several_systems_share_a_cluster_too(
    service: Delivering, subject: Subject, issuer: TestIssuer
) -> None:
    await deliver(service, TOLD[:3])
    await service.rows_written(
        "UPDATE consumer_offsets SET log_end_offset = next_offset + 7 WHERE topic = 'tier-changed'",
        "UPDATE consumer_offsets SET topic = 'uat.' || topic",
    )
    settings = service.runtime.settings
    kafka = settings.kafka.model_copy(update={"topic_prefix": "uat."})
    runtime = subject.runtime(settings.model_copy(update={"kafka": kafka}), role="api")
    transport, headers = ASGITransport(api_of(runtime)), issuer.bearer(*subject.roles)
    async with AsyncClient(transport=transport, base_url="http://service", headers=headers) as client:
        assert (await portrait(client))["tier"]["lag"] == 7
    await runtime.close()
