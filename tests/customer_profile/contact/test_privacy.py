"""A marked customer is reached through every channel, and through an adapter that complains: marks are in the file of

messages and nowhere else.
"""

import io
import stat
from pathlib import Path

import structlog
from httpx import AsyncClient

from customer_profile.contact.adapters import Message, NotTaken
from rapport.messaging.poll import why
from tests.customer_profile.contact.asking import answer, ask, hand_over, make_due, sunk, told
from tests.customer_profile.contact.test_handing_over import loop
from tests.customer_profile.facts import customer, record
from tests.customer_profile.marks import MARKED
from tests.customer_profile.test_privacy import everything_stored, logs, marks_in
from tests.support.delivering import Delivering

__all__ = ["logs"]
CHANNELS = ("sms", "push", "email")


class Complaining:
    """Says all it knows of a message it does not take."""

    name = "complaining"

    async def hand_over(self, key: str, message: Message) -> None:
        raise NotTaken(f"{key} {message.address} {message.text}")


async def test_a_mark_comes_out_by_the_channel_and_no_other_way(
    service: Delivering,
    api: AsyncClient,
    logs: io.StringIO,
    tmp_path: Path,
) -> None:
    await service.deliver(record(service, customer(identity=MARKED)))
    await ask(service, *[answer(f"case-{channel}", channels=[channel]) for channel in CHANNELS])
    await ask(service, answer("case-failing"))
    await hand_over(service)
    await make_due(service)
    await hand_over(service)
    assert set((await told(service)).values()) == {"contact-delivered"}
    lines = sunk(tmp_path)
    assert {line["channel"] for line in lines} == set(CHANNELS)
    assert {line["address"] for line in lines} == {f"+86{MARKED.phone}", "c-1", MARKED.email}
    assert any((MARKED.full_name or "") in line["text"] for line in lines)
    listed = await api.get("/customers/c-1/contacts")
    assert len(listed.json()["items"]) == len(CHANNELS) + 1
    dump = await everything_stored(service)
    assert all(dump[name] for name in ("contacts", "outbox", "profiles"))
    assert {name: marks_in(rows) for name, rows in dump.items() if marks_in(rows)} == {}
    assert marks_in(logs.getvalue(), listed.text) == []
    assert stat.S_IMODE((tmp_path / "contacts.jsonl").stat().st_mode) == 0o600


async def test_what_an_adapter_says_of_a_message_is_kept_nowhere(
    service: Delivering,
    logs: io.StringIO,
) -> None:
    await service.deliver(record(service, customer(identity=MARKED)))
    await ask(service, answer())
    await loop(service, Complaining()).next(service.runtime.transactions)
    assert await told(service) == {}
    dump = await everything_stored(service)
    assert {name: marks_in(rows) for name, rows in dump.items() if marks_in(rows)} == {}
    assert marks_in(logs.getvalue()) == []
    structlog.get_logger().info("x", reason=why(NotTaken(MARKED.phone)))
    assert marks_in(logs.getvalue()) == []
