"""Every service that decides on customers keeps what they allow: the highest revision, in whatever order it is told."""

from itertools import permutations

import pytest

from rapport.consent.store import allowing, versions_of
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


async def allowed(service: Delivering, *customer_ids: str, purpose: str = "marketing-sms") -> set[str]:
    async with service.runtime.engine.connect() as connection:
        return await allowing(connection, customer_ids, purpose)


async def test_in_any_order_and_any_batches_the_highest_revision_is_kept(service: Delivering) -> None:
    for number, order in enumerate(permutations((1, 2, 3))):
        customer_id = f"c-{number}"
        states = [consents(customer_id, revision=revision, sms=revision != 3) for revision in order]
        await service.deliver(*[service.feed.record(state) for state in states[: 1 + number % 3]])
        await service.deliver(*[service.feed.record(state) for state in [*states, states[0]]])
    ids = [f"c-{number}" for number in range(6)]
    async with service.runtime.engine.connect() as connection:
        assert await versions_of(connection, ids) == dict.fromkeys(ids, 3)
    assert await allowed(service, *ids) == set()


async def test_a_withdrawal_ends_what_a_grant_allowed_and_nothing_else(service: Delivering) -> None:
    await service.deliver(*[service.feed.record(consents(i)) for i in ("c-1", "c-2")])
    assert await allowed(service, "c-1", "c-2") == {"c-1", "c-2"}
    await service.deliver(service.feed.record(consents("c-1", revision=2, sms=False)))
    assert await allowed(service, "c-1", "c-2") == {"c-2"}
    assert await allowed(service, "c-1", "c-2", purpose="anti-money-laundering") == {"c-1", "c-2"}


async def test_who_was_never_told_of_and_what_was_never_named_is_not_allowed(service: Delivering) -> None:
    await service.deliver(service.feed.record(consents()))
    assert await allowed(service, "c-404") == set()
    assert await allowed(service, "c-1", purpose="cross-selling") == set()
    async with service.runtime.engine.connect() as connection:
        assert await versions_of(connection, ["c-404"]) == await versions_of(connection, []) == {}
