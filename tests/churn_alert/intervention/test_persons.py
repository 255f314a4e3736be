"""What happens on any file of a person happens to the person: begun on the survivor, as if there were one file."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from rapport.events.bank import Holding, HoldingChanged
from tests.churn_alert.intervention.books import written
from tests.churn_alert.intervention.conftest import Told, profiled
from tests.churn_alert.intervention.test_plans import BOOKS, NOON, Timed, account, book, hear, payday, tier
from tests.churn_alert.lives import DAY, salary
from tests.support.delivering import Delivering
from tests.support.erasing import erased
from tests.support.grouping import merge
from tests.support.serving import Start

ALL = (
    *BOOKS,
    *(book(f"of-{node}", node) for node in ("account-opening", "new-product", "product-matured", "service-upgrade")),
)


@pytest.fixture
async def service(running: Start, tmp_path: Path) -> Delivering:
    """A bank with plans of its own, in the time of its stream."""
    return await running("stream", playbooks=written(tmp_path, *ALL))


def holds(customer_id: str, revision: int, days: float, **products: str) -> Timed:
    at = NOON + days * DAY
    kept = {"kind": "wealth", "amount": "1.00", "currency": "CNY"}
    held = [
        Holding.model_validate(kept | {"product": name.replace("_", "-"), "status": status})
        for name, status in products.items()
    ]
    return HoldingChanged(customer_id=customer_id, holdings=tuple(held), as_of=at, revision=revision), at


def opened(customer_id: str, number: int, days: float, status: str = "open") -> Timed:
    fact, at = account(status, days=days, opened_on=(NOON + min(days, 20) * DAY).date(), customer_id=customer_id)
    return fact.model_copy(update={"account_id": f"a-{number}"}), at


def life(other: str) -> list[Timed]:
    """Of c-1, and what happens on another file, or on the same one."""
    both: list[Timed] = [
        (salary("c-1", NOON + 3 * DAY), NOON + 3 * DAY),
        (salary(other, NOON + 100 * DAY), NOON + 100 * DAY),
        (salary("c-1", NOON + 110 * DAY), NOON + 110 * DAY),
        holds("c-1", 1, 10, WM_1="active"),
        opened(other, 2, 20),
        opened(other, 2, 60, "dormant"),
        opened(other, 2, 80),
    ]
    if other == "c-1":
        both += [
            holds("c-1", 3, 31, WM_1="active"),
            holds("c-1", 4, 40, WM_1="active", WM_2="active"),
            holds("c-1", 5, 50, WM_1="active", WM_2="matured"),
        ]
    else:
        both += [
            holds(other, 2, 11),
            holds(other, 3, 31, WM_1="active"),
            holds(other, 4, 40, WM_1="active", WM_2="active"),
            holds(other, 5, 50, WM_1="active", WM_2="matured"),
        ]
    return sorted(both, key=lambda one: one[1])


async def begun(told: Told) -> list[tuple[Any, ...]]:
    facts = [fact for fact in await told() if fact["change"] == "proposed"]
    return sorted(
        (datetime.fromisoformat(fact["opened_at"]), fact["customer_id"], fact["node"], fact["product"])
        for fact in facts
    )


async def join(service: Delivering) -> None:
    await service.deliver(*map(service.feed.record, merge(1, "c-1", "c-2")))


@pytest.mark.parametrize("at_once", [True, False])
async def test_two_files_that_are_merged_begin_what_one_file_would(
    running: Start, told: Told, service: Delivering, tmp_path: Path, at_once: bool
) -> None:
    await join(service)
    await hear(service, [opened("c-1", 1, 0)])
    await hear(service, life("c-2"), at_once=at_once)
    of_two = await begun(told)
    assert {customer_id for _, customer_id, *_ in of_two} == {"c-1"}
    assert await service.rows("SELECT 1 FROM asked_occasions") == []

    alone = await running("stream", playbooks=written(tmp_path, *ALL))
    await hear(alone, [opened("c-1", 1, 0)])
    await hear(alone, life("c-1"), at_once=at_once)
    sql = "SELECT opened_at, customer_id, node, product FROM interventions ORDER BY 1, 2, 3"
    assert of_two == sorted(tuple(row) for row in await alone.rows(sql))
    assert {node for _, _, node, _ in of_two} >= {
        "account-opening",
        "account-woken",
        "first-salary",
        "new-product",
        "product-matured",
    }
    assert [product for _, _, node, product in of_two if node == "new-product"] == ["WM-2"], "WM-1 is held already"
    assert len([node for _, _, node, _ in of_two if node == "first-salary"]) == 1, "of the person it is the first once"


async def test_a_tier_told_of_a_file_that_is_merged_into_another_is_none_of_the_persons(
    service: Delivering, told: Told
) -> None:
    await hear(service, [opened("c-1", 1, 0), (tier("high", 1), NOON), (tier("low", 1, "c-2"), NOON)])
    await join(service)
    await hear(service, [(tier("middle", 2, "c-2"), NOON + 2 * DAY)])
    assert [node for _, _, node, _ in await begun(told) if node == "service-upgrade"] == []


async def test_the_dates_of_a_file_that_is_merged_into_another_are_the_survivors_alone(
    service: Delivering, told: Told
) -> None:
    await hear(service, [opened("c-1", 1, 0), opened("c-2", 2, 0.1)])
    await join(service)
    at = NOON + 400 * DAY
    await hear(service, [payday(400), (salary("c-2", at), at)])
    dated = [one for one in await begun(told) if one[2] in {"regular-contact", "anniversary"}]
    assert [(customer_id, node) for _, customer_id, node, _ in dated] == [
        ("c-1", "regular-contact"),
        ("c-1", "anniversary"),
    ]


@pytest.mark.parametrize("looks_late", [False, True])
async def test_what_a_word_on_another_file_ends_is_over_as_of_that_word_whenever_somebody_looks(
    service: Delivering, told: Told, *, looks_late: bool
) -> None:
    await join(service)
    await hear(service, [opened("c-1", 1, 0)])
    said = NOON + 10 * DAY
    over = profiled("c-2", None, relationship="restricted", as_of=said), said
    later = [(salary("c-2", NOON + 12 * DAY), NOON + 12 * DAY), payday(15)]
    await hear(service, [over, *later] if looks_late else [over, payday(10), *later], at_once=looks_late)
    ended = [fact for fact in await told() if fact["status"] == "cancelled"]
    assert [(fact["customer_id"], fact["reason"], fact["changed_at"]) for fact in ended] == [
        ("c-1", "restricted", said.isoformat().replace("+00:00", "Z"))
    ]


async def test_of_who_is_destroyed_nothing_is_left_to_begin(service: Delivering, told: Told) -> None:
    await service.rows_written(
        "INSERT INTO asked_occasions (customer_id, partition, due_at, node, since, cause) "
        f"VALUES ('c-1', 0, '{NOON + 900 * DAY}', 'account-opening', '{NOON}', 'account:a-1')"
    )
    await service.deliver(service.feed.record(erased("c-1", "destroyed")))
    assert await service.rows("SELECT 1 FROM asked_occasions") == []
