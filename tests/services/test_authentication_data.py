"""A thousand passwords, PINs, tracks, chips' words, card verification numbers and templates, 250 to each service, come
over Kafka and over REST in whatever field: none is kept, and none is in a log. With the doors open the search finds
them. Raw topics of cores: tests/customer_profile/adapter.
"""

import io
import re
import time
from collections.abc import AsyncIterator, Iterator, Sequence

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from rapport.messaging.decoding import decode, decode_foreign
from rapport.messaging.records import Arrival, RawRecord
from rapport.messaging.service import Service
from rapport.web.authentication import Require
from rapport.web.principal import Principal
from rapport.web.scopes import ROLE_SCOPES, SCOPES
from tests.services.authentication_data import everything_kept, found_in, records, requests
from tests.shared.privacy.authentication_data.samples import Sample, samples
from tests.support.delivering import Delivering
from tests.support.logged import logged
from tests.support.serving import SUBJECTS, Subject
from tests.support.tokens import TestIssuer

SAMPLES = list(samples(1000))
OF = {package: SAMPLES[250 * number : 250 * (number + 1)] for number, package in enumerate(SUBJECTS)}
"""Every sample comes to one of the services, over each of its doors."""
_POLL = 50
"""Fewer than stop a consumer that would drain a topic into its dead letters."""


class OpenDoor(Service):
    """The broken variant: records are decoded as they come, and kept in clear."""

    def decode(self, raw: RawRecord) -> Arrival:
        read = self.readers.get(raw.topic)
        return decode(raw, self.hears, partitions=self.partitions) if read is None else decode_foreign(raw, read)

    def sealed(self, raw: RawRecord) -> bytes:
        return raw.pack()


def with_open_door(service: Delivering) -> None:
    it = service.service
    known = (it.name, it.hears, it.partitions, it.topic_prefix, it.is_stream_time, it.seal, it.readers)
    service.runtime.transactions.service = OpenDoor(*known)


async def deliver(service: Delivering, sent: Sequence[Sample]) -> int:
    """In small polls; returns how many became dead letters."""
    coming, dead = list(records(service, sent)), 0
    for begin in range(0, len(coming), _POLL):
        arrivals = await Delivering(service.runtime).deliver(*coming[begin : begin + _POLL])
        dead += sum(arrival.fault is not None for arrival in arrivals)
    return dead


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    with logged("any", role="all", level="DEBUG") as found:
        yield found


@pytest.fixture
async def client(app: FastAPI, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """Of somebody who may do everything, and has just proved it with two factors."""
    headers = issuer.bearer(*ROLE_SCOPES, acr="mfa", auth_time=int(time.time()))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://service", headers=headers
    ) as client:
        yield client


async def test_over_kafka_nothing_of_it_is_kept(service: Delivering, subject: Subject, logs: io.StringIO) -> None:
    sent = OF[subject.package]
    assert await deliver(service, sent) == len(sent) == 250
    assert found_in(await everything_kept(service), sent) == []
    assert found_in(logs.getvalue().encode(), sent) == []
    (counted,) = await service.rows("SELECT sum(records) AS n FROM refused_fields WHERE kind <> 'unknown-field'")
    assert counted.n == len(sent)
    assert (await service.counts())["dead_lettered"] == len(sent)
    letters = await service.rows("SELECT reason FROM dead_letters")
    assert len(letters) == len(sent)
    assert all("is never kept, so the record is withheld" in letter.reason for letter in letters)


async def test_over_rest_nothing_of_it_is_kept(
    service: Delivering, subject: Subject, app: FastAPI, client: httpx.AsyncClient, logs: io.StringIO
) -> None:
    sent, refused = OF[subject.package], 0
    for asked in requests(app, sent):
        answer = await client.request(**asked)
        # A slash in a path leads to no operation, and nowhere else.
        assert answer.status_code == 422 or (answer.status_code in {404, 405} and "%2F" in asked["url"]), asked
        assert found_in(answer.content, sent) == []
        refused += answer.json()["title"] == "The request holds authentication data"
    assert refused > 0.95 * len(sent)
    assert found_in(await everything_kept(service), sent) == []
    assert found_in(logs.getvalue().encode(), sent) == []
    (counted,) = await service.rows(
        "SELECT sum(records) AS n FROM refused_fields WHERE partition = -1 AND kind <> 'unknown-field'"
    )
    assert counted.n == refused


async def test_a_withheld_record_cannot_be_replayed_and_keeps_its_reason(service: Delivering) -> None:
    await deliver(service, SAMPLES[:5])
    before = await service.rows("SELECT reason FROM dead_letters ORDER BY dead_letter_id")
    await service.rows_written("UPDATE dead_letters SET replay_requested_at = now()")
    while await service.replay.next():
        pass
    assert await service.rows("SELECT reason FROM dead_letters ORDER BY dead_letter_id") == before
    assert (await service.counts())["dead_lettered"] == 5


async def test_with_the_door_of_delivery_open_it_would_be_found(service: Delivering) -> None:
    """In dead letters and in what waits for the relay, were they not sealed."""
    with_open_door(service)
    await deliver(service, SAMPLES[:240])
    assert len(found_in(await everything_kept(service), SAMPLES[:240])) > 20


async def test_with_the_door_of_the_api_open_it_would_be_taken(service: Delivering, app: FastAPI) -> None:
    """So nothing but the door refuses it. Who asks for the token also keeps the door."""
    everyone = Principal("issuer", "somebody", frozenset(ROLE_SCOPES), SCOPES, "token")
    for context in iter_route_contexts(app.routes):
        for require in _requires(getattr(context, "dependant", None)):
            app.dependency_overrides[require] = lambda: everyone
    heard = next(iter(service.service.hears.values()))
    await service.deliver(RawRecord(heard.name, 0, 0, 1_700_000_000_000, b"k", b"{", []))
    (letter,) = await service.rows("SELECT dead_letter_id FROM dead_letters")
    sent = [sample for sample in SAMPLES if re.fullmatch(r"[!-~]{1,128}", sample.text)][:20]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
        for sample in sent:
            address, key = f"/dead-letters/{letter.dead_letter_id}/replay", {"Idempotency-Key": sample.text}
            assert (await client.post(address, headers=key)).status_code == 202


def _requires(dependant: Dependant | None) -> Iterator[Require]:
    if dependant is not None:
        if isinstance(dependant.call, Require):
            yield dependant.call
        for inner in dependant.dependencies:
            yield from _requires(inner)
