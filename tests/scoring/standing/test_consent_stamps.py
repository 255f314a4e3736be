"""A decision says which version of the customer's consents was known when it was made; what it decides is the same."""

from httpx import AsyncClient

from tests.scoring.facts import DAY, MONDAY, deliver, record, salary, told, transaction
from tests.scoring.replaying import outcome
from tests.support.consenting import consents
from tests.support.delivering import Delivering
from tests.support.serving import Start

FIRST = [transaction(MONDAY + n * DAY) for n in range(33, 41)]
LATE = salary(MONDAY, amount="9000000.00", balance_after="9001000.00")
"""It moves the customer up from the lowest tier, at the clock's moment."""


async def stamps(service: Delivering) -> list[int | None]:
    rows = await service.rows("SELECT consent_version FROM decisions ORDER BY revision")
    return [row.consent_version for row in rows]


async def test_a_decision_is_stamped_with_the_version_that_is_known_by_then(replaying: Delivering) -> None:
    await deliver(replaying, *FIRST)
    await deliver(replaying, consents(revision=4))
    await deliver(replaying, LATE)
    assert await stamps(replaying) == [None, 4]
    await deliver(replaying, consents(revision=5, sms=False))
    assert await stamps(replaying) == [None, 4]


async def test_facts_of_the_same_poll_are_decided_before_its_consents_and_stamped_without_them(
    replaying: Delivering,
) -> None:
    facts = [record(replaying, salary(MONDAY)), record(replaying, consents(revision=2))]
    await replaying.deliver(*facts)
    assert await stamps(replaying) == [None]
    await deliver(replaying, LATE)
    assert await stamps(replaying) == [None, 2]


async def test_a_stamp_changes_nothing_of_what_is_decided_and_told(running: Start) -> None:
    with_consents, without = await running("stream"), await running("stream")
    await deliver(with_consents, consents())
    for service in (with_consents, without):
        for fact in (*FIRST, LATE):
            await service.deliver(record(service, fact, identifier=fact.transaction_no))
    assert await stamps(with_consents) == [1, 1]
    assert await stamps(without) == [None, None]
    assert len(await told(without)) == 2
    assert await outcome(with_consents) == await outcome(without)


async def test_the_stamp_is_shown_with_the_decision(api: AsyncClient, service: Delivering) -> None:
    await deliver(service, consents(revision=7))
    await deliver(service, salary(MONDAY))
    (shown,) = (await api.get("/standings/c-1/history")).json()["items"]
    assert shown["consent_version"] == 7
