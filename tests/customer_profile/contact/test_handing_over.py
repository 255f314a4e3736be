"""At least once with one key: whoever dies where, an adapter that knows its keys has each message once."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from customer_profile.contact.adapters import Message, NeverTaken, NotTaken
from customer_profile.contact.adapters.file_sink import FileSink
from customer_profile.contact.domain.contact import Contact
from customer_profile.contact.handlers import HandOver
from customer_profile.contact.handlers.handing_over import key_of
from rapport.ids import new_id
from tests.customer_profile.contact.asking import answer, ask, decide, hand_over, make_due, states, sunk, told
from tests.customer_profile.facts import customer, record
from tests.support.delivering import Delivering

Keys = Callable[[Contact], str]
BEFORE, BETWEEN = "before the adapter took it", "between the adapter and the mark"
REQUESTS = 8


class Died(BaseException):
    """The process ends here: nothing is cleaned up after it."""


class Mortal:
    """Writes to the file; the first attempt at every other message kills the process at the named point."""

    name = "file"

    def __init__(self, folder: Path, point: str) -> None:
        self._sink = FileSink(folder)
        self._point = point
        self._tried: set[str] = set()

    async def hand_over(self, key: str, message: Message) -> None:
        dies = message.text not in self._tried and len(self._tried) % 2 == 0
        self._tried.add(message.text)
        if dies and self._point == BEFORE:
            raise Died
        await self._sink.hand_over(key, message)
        if dies:
            raise Died


class Moody:
    """Takes a message at this attempt, and says until then that it does not."""

    name = "moody"

    def __init__(self, folder: Path, *errors: Exception) -> None:
        self._sink = FileSink(folder)
        self._errors = list(errors)

    async def hand_over(self, key: str, message: Message) -> None:
        if self._errors:
            raise self._errors.pop(0)
        await self._sink.hand_over(key, message)


def loop(service: Delivering, adapter: Any, keys: Keys = key_of) -> HandOver:
    state = service.runtime.composition.state
    return HandOver(state["contact_rules"], {"sms": adapter}, state["locks"], key_of=keys)


@pytest.fixture(autouse=True)
async def recorded(service: Delivering) -> None:
    await service.deliver(*[record(service, customer(f"c-{number}")) for number in range(REQUESTS)])
    await service.deliver(record(service, customer()))


async def campaign(service: Delivering, folder: Path, point: str, keys: Keys) -> None:
    """Requests until all are answered, over the deaths of many processes; then each message is in the file once."""
    asked = {f"case-{number}": f"c-{number}" for number in range(REQUESTS)}
    await ask(service, *[answer(*one) for one in asked.items()])
    adapter, deaths = Mortal(folder, point), 0
    while len(await told(service)) < len(asked):
        assert deaths < 20, "each message kills once at most"
        try:
            await loop(service, adapter, keys).next(service.runtime.transactions)
        except Died:
            deaths += 1
            await make_due(service)
    assert deaths > 0
    assert set((await told(service)).values()) == {"contact-delivered"}
    texts = [line["text"] for line in sunk(folder)]
    assert len(texts) == len(set(texts)) == len(asked)


@pytest.mark.parametrize("point", [BEFORE, BETWEEN])
async def test_who_dies_at_a_hand_over_leaves_no_message_lost_or_doubled(
    service: Delivering, tmp_path: Path, point: str
) -> None:
    await campaign(service, tmp_path, point, key_of)


async def test_a_new_key_for_each_attempt_would_be_found(service: Delivering, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        await campaign(service, tmp_path, BETWEEN, lambda _: str(new_id()))
    texts = [line["text"] for line in sunk(tmp_path)]
    assert len(texts) > len(set(texts))


async def test_what_is_claimed_is_nobody_elses_until_its_lease_is_over(service: Delivering, tmp_path: Path) -> None:
    await ask(service, answer())
    with pytest.raises(Died):
        await loop(service, Mortal(tmp_path, BETWEEN)).next(service.runtime.transactions)
    await decide(service)
    await hand_over(service)
    assert await states(service) == {"case-1": "handed"}
    await make_due(service)
    await hand_over(service)
    assert await told(service) == {"case-1": "contact-delivered"}
    assert len(sunk(tmp_path)) == 1


async def test_what_is_not_taken_is_offered_again_later_each_time(service: Delivering, tmp_path: Path) -> None:
    hands = loop(service, Moody(tmp_path, NotTaken(), TimeoutError(), OSError()))
    await ask(service, answer())
    pauses = []
    for _ in range(3):
        await hands.next(service.runtime.transactions)
        (row,) = await service.rows("SELECT state, extract(epoch FROM due_at - now()) AS pause FROM contacts")
        assert row.state == "waiting"
        pauses.append(float(row.pause))
        await make_due(service)
    await hands.next(service.runtime.transactions)
    assert pauses == pytest.approx([5, 10, 20], abs=3)
    assert await told(service) == {"case-1": "contact-delivered"}


async def test_what_is_never_taken_is_refused_at_once(service: Delivering, tmp_path: Path) -> None:
    await ask(service, answer())
    await loop(service, Moody(tmp_path, NeverTaken())).next(service.runtime.transactions)
    assert await told(service) == {"case-1": "adapter-failed"}


async def test_what_is_not_taken_until_it_expires_failed_at_the_adapter(service: Delivering, tmp_path: Path) -> None:
    await ask(service, answer())
    await loop(service, Moody(tmp_path, NotTaken())).next(service.runtime.transactions)
    await service.rows_written("UPDATE contacts SET expires_at = now() - interval '1 second', due_at = now()")
    await decide(service)
    assert await told(service) == {"case-1": "adapter-failed"}


async def test_two_workers_hand_nothing_over_twice(service: Delivering, tmp_path: Path) -> None:
    await ask(service, *[answer(f"case-{number}", f"c-{number}") for number in range(REQUESTS)])
    broken_if_twice: list[str] = []

    class Counting(FileSink):
        async def hand_over(self, key: str, message: Message) -> None:
            broken_if_twice.append(key)
            await super().hand_over(key, message)

    hands = [loop(service, Counting(tmp_path)) for _ in range(2)]
    await asyncio.gather(*[one.next(service.runtime.transactions) for one in hands])
    await hands[0].next(service.runtime.transactions)
    assert len(broken_if_twice) == len(set(broken_if_twice)) == REQUESTS
    assert len(await told(service)) == REQUESTS


async def test_an_adapter_that_breaks_on_one_message_holds_back_no_other(service: Delivering, tmp_path: Path) -> None:
    class Broken(FileSink):
        async def hand_over(self, key: str, message: Message) -> None:
            if "bad" in message.text:
                raise RuntimeError(message.text)
            await super().hand_over(key, message)

    await ask(service, answer("bad", "c-1"), answer("good", "c-2"))
    await loop(service, Broken(tmp_path)).next(service.runtime.transactions)
    assert await states(service) == {"bad": "waiting", "good": "delivered"}


async def test_an_altered_identity_holds_back_no_other_and_is_tried_again(service: Delivering, tmp_path: Path) -> None:
    altered = "UPDATE profiles SET phone = {} WHERE customer_id = 'c-1'"
    await ask(service, answer("bad", "c-1"), answer("good", "c-2"))
    (own,) = await service.rows("SELECT encode(phone, 'hex') AS phone FROM profiles WHERE customer_id = 'c-1'")
    await service.rows_written(altered.format("(SELECT phone FROM profiles WHERE customer_id = 'c-3')"))
    hands = loop(service, FileSink(tmp_path))
    await hands.next(service.runtime.transactions)
    assert await states(service) == {"bad": "waiting", "good": "delivered"}
    await service.rows_written(altered.format(f"decode('{own.phone}', 'hex')"))
    await make_due(service)
    await hands.next(service.runtime.transactions)
    assert await states(service) == {"bad": "delivered", "good": "delivered"}
