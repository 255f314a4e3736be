"""A gateway over real HTTP: what it takes is delivered, what it does not take now comes again under the same key."""

import io
from pathlib import Path

import pytest
from pydantic import ValidationError

from customer_profile.contact.adapters import Message, NeverTaken, NotTaken
from customer_profile.contact.adapters.http_gateway import HttpGateway
from customer_profile.contact.composing import adapters_of
from customer_profile.contact.settings import ContactSettings, GatewaySettings
from tests.customer_profile.contact.asking import answer, ask, make_due, told
from tests.customer_profile.contact.gateway import TOKEN, listening
from tests.customer_profile.contact.test_handing_over import loop
from tests.customer_profile.facts import customer, record
from tests.customer_profile.marks import MARKED
from tests.customer_profile.test_privacy import everything_stored, logs, marks_in
from tests.support.delivering import Delivering

__all__ = ["logs"]
HELLO = Message("sms", "+8613812341234", None, "你好")


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    return path


def gateway_at(address: str, token_file: Path) -> HttpGateway:
    return HttpGateway(GatewaySettings(address=address, token_file=token_file))


async def test_a_message_is_posted_with_its_key(token_file: Path) -> None:
    async with listening() as platform:
        await gateway_at(platform.address, token_file).hand_over("k-1", HELLO)
    assert platform.sent == {"k-1": {"channel": "sms", "address": "+8613812341234", "title": None, "text": "你好"}}


@pytest.mark.parametrize("status", [0, 401, 403, 404, 408, 409, 429, 500, 502, 503])
async def test_what_says_nothing_of_the_message_has_it_offered_again(status: int, token_file: Path) -> None:
    async with listening([status]) as platform:
        with pytest.raises(NotTaken) as refusal:
            await gateway_at(platform.address, token_file).hand_over("k-1", HELLO)
    assert not isinstance(refusal.value, NeverTaken)
    assert str(refusal.value) == ""
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize("status", [400, 410, 413, 422])
async def test_a_message_that_the_gateway_will_not_have_is_not_offered_again(status: int, token_file: Path) -> None:
    async with listening([status]) as platform:
        with pytest.raises(NeverTaken):
            await gateway_at(platform.address, token_file).hand_over("k-1", HELLO)


async def test_without_a_token_or_a_listener_nothing_is_taken(token_file: Path, tmp_path: Path) -> None:
    async with listening() as platform:
        with pytest.raises(NotTaken):
            await gateway_at(platform.address, tmp_path / "nothing").hand_over("k-1", HELLO)
    with pytest.raises(NotTaken):
        await gateway_at("http://127.0.0.1:1/", token_file).hand_over("k-1", HELLO)


async def test_over_a_gateway_that_fails_and_hangs_up_each_message_is_sent_once_and_no_mark_is_left(
    service: Delivering,
    token_file: Path,
    logs: io.StringIO,
) -> None:
    await service.deliver(record(service, customer(identity=MARKED)))
    await ask(service, answer())
    async with listening([503, 0, 429, 0]) as platform:
        hands = loop(service, gateway_at(platform.address, token_file))
        while not await told(service):
            assert len(platform.asked) < 10
            await hands.next(service.runtime.transactions)
            await make_due(service)
    assert await told(service) == {"case-1": "contact-delivered"}
    assert len(platform.asked) == 5
    assert len(set(platform.asked)) == len(platform.sent) == 1
    assert (MARKED.full_name or "") in next(iter(platform.sent.values()))["text"]
    dump = await everything_stored(service)
    assert {name: marks_in(rows) for name, rows in dump.items() if marks_in(rows)} == {}
    assert marks_in(logs.getvalue()) == []


def test_identity_goes_over_an_open_line_to_nobody(token_file: Path) -> None:
    for address in ("http://gateway.bank.example/", "ftp://gateway", "http://localhost.example/", "gateway"):
        with pytest.raises(ValidationError):
            GatewaySettings(address=address, token_file=token_file)


def test_each_channel_has_the_adapter_that_the_settings_name(token_file: Path, tmp_path: Path) -> None:
    gateway = GatewaySettings(address="https://gateway.bank.example/", token_file=token_file, channels={"sms"})
    named = {c: one.name for c, one in adapters_of(ContactSettings(sink_folder=tmp_path, gateway=gateway)).items()}
    assert named == {"sms": "gateway", "push": "file", "wecom": "file", "email": "file"}
    assert adapters_of(ContactSettings()) == {}
    assert set(adapters_of(ContactSettings(gateway=gateway))) == {"sms"}
