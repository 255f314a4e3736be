"""Every service that decides on customers keeps what they allow: the highest revision, in whatever order it is told."""

from itertools import permutations

import pytest

from rapport.consent.store import not_covering, refusing, versions_of
from tests.support.consenting import consents
from tests.support.delivering import Delivering
from tests.support.serving import SUBJECTS, Start, Subject

HEARERS = {name: subject for name, subject in SUBJECTS.items() if name != "customer_profile"}


@pytest.fixture(params=HEARERS.values(), ids=HEARERS, scope="session")
def subject(request: pytest.FixtureRequest) -> Subject:
    return request.param


@pytest.fixture
async def service(running: Start) -> Delivering:
    return await running("wall")


async def refused(service: Delivering, *customer_ids: str, purpose: str = "marketing-sms") -> set[str]:
    async with service.runtime.engine.connect() as connection:
        return await refusing(connection, customer_ids, purpose)


async def test_in_any_order_and_any_batches_the_highest_revision_is_kept(service: Delivering) -> None:
    for number, order in enumerate(permutations((1, 2, 3))):
        customer_id = f"c-{number}"
        states = [consents(customer_id, revision=revision, sms=revision != 3) for revision in order]
        await service.deliver(*[service.feed.record(state) for state in states[: 1 + number % 3]])
        await service.deliver(*[service.feed.record(state) for state in [*states, states[0]]])
    ids = [f"c-{number}" for number in range(6)]
    async with service.runtime.engine.connect() as connection:
        assert await versions_of(connection, ids) == dict.fromkeys(ids, 3)
    assert await refused(service, *ids) == set(ids)


async def test_a_withdrawal_is_a_no_to_its_purpose_alone_until_it_is_granted_again(service: Delivering) -> None:
    await service.deliver(*[service.feed.record(consents(i)) for i in ("c-1", "c-2")])
    assert await refused(service, "c-1", "c-2") == set()
    await service.deliver(service.feed.record(consents("c-1", revision=2, sms=False)))
    assert await refused(service, "c-1", "c-2") == {"c-1"}
    assert await refused(service, "c-1", "c-2", purpose="anti-money-laundering") == set()
    await service.deliver(service.feed.record(consents("c-1", revision=3)))
    assert await refused(service, "c-1", "c-2") == set()


async def test_who_was_never_told_of_and_who_said_nothing_refused_nothing(service: Delivering) -> None:
    await service.deliver(service.feed.record(consents(unsaid=["churn-care"])))
    assert await refused(service, "c-404") == set()
    assert await refused(service, "c-1", purpose="churn-care") == set()
    assert await refused(service, "c-1", purpose="cross-selling") == set()
    async with service.runtime.engine.connect() as connection:
        assert await versions_of(connection, ["c-404"]) == await versions_of(connection, []) == {}


async def test_a_consent_is_narrower_where_what_it_covers_was_told_and_the_category_is_not_in_it(
    service: Delivering,
) -> None:
    narrow, wide = {"churn-care": ["transactions"]}, {"churn-care": ["transactions", "feedback"]}
    told = [
        consents("narrow", covering=narrow),
        consents("wide", covering=wide),
        consents("untold", granted=["churn-care"]),
        consents("refused", refused=["churn-care"]),
        consents("silent", unsaid=["churn-care"]),
        consents("widened", covering=narrow),
        consents("widened", revision=2, covering=wide),
    ]
    await service.deliver(*[service.feed.record(one) for one in told])
    ids = [*{one.customer_id for one in told}, "c-404"]
    async with service.runtime.engine.connect() as connection:
        assert await not_covering(connection, ids, "churn-care", "feedback") == {"narrow"}
        assert await not_covering(connection, ids, "churn-care", "transactions") == set()
