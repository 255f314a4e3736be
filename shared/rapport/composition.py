"""What a service is made of, and how the parts fit: said once here, so that a service's main.py only names its own.

`Runtime` builds everything from a Composition and settings by plain constructors; tests build the same with other
observers.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine

from rapport.database import create_engine
from rapport.errors import DomainError
from rapport.events.base import Event
from rapport.messaging import tables
from rapport.messaging.consuming import Consuming
from rapport.messaging.decoding import Reader
from rapport.messaging.inbox import Inbox
from rapport.messaging.observer import Observer
from rapport.messaging.ownership import Ownership
from rapport.messaging.poll import Poll, Subscriptions
from rapport.messaging.relay import Relay
from rapport.messaging.replay import Replay
from rapport.messaging.retelling import States
from rapport.messaging.service import Service
from rapport.messaging.sweeper import Sweep, Sweeper
from rapport.messaging.transaction import ComesFirst, Transactions
from rapport.messaging.worker import Upkeep, Worker
from rapport.privacy.catalogue.columns import refuse_in_clear
from rapport.privacy.catalogue.document import published
from rapport.privacy.encryption import MasterKeys, ServiceCipher
from rapport.privacy.key_checks import KeyFile, check_keys
from rapport.privacy.keyring import Keyring
from rapport.row_security import secured
from rapport.settings import ServiceSettings
from rapport.telemetry.metrics import Figures

Job = Callable[[Transactions], Awaitable[bool]]
"""One batch of a long work; whether there may be more to do at once."""


@dataclass(frozen=True, slots=True)
class Composition:
    """One service: its name, what it hears, what falls due in it, which states it tells, what it serves.

    `migrations`: the folder that holds its `versions/`. `jobs`: long work that is done in batches, each
    batch in a transaction of its own. `figures`: gauges of its own for Prometheus. `readers`: of the events it hears on
    topics that do not speak the contract. `state`: objects its operations find on `request.app.state`. `keyring`: of
    its customers' keys, where it encrypts. `key_files`: those beside the one every service has. `closing`: what else it
    holds open. `has_row_security`: what a request sees of its tables depends on the caller, see `rapport.row_security`.
    `comes_first`: done of customers whom a request, a job or upkeep locks, before these decide.
    """

    name: str
    title: str
    description: str
    migrations: Path
    metadata: MetaData
    subscriptions: Subscriptions
    routers: Sequence[APIRouter]
    problems: Mapping[type[DomainError], tuple[int, str]]
    sweeps: Sequence[Sweep] = ()
    states: Sequence[States] = ()
    upkeep: Sequence[Upkeep] = ()
    jobs: Mapping[str, Job] = field(default_factory=dict)
    figures: Sequence[Figures] = ()
    readers: Mapping[type[Event], Reader] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
    keyring: Keyring | None = None
    key_files: Sequence[KeyFile] = ()
    closing: Sequence[Callable[[], Awaitable[None]]] = ()
    has_row_security: bool = False
    comes_first: ComesFirst | None = None

    def __post_init__(self) -> None:
        """Raises NotEncrypted: a service that would keep identity or free text in clear does not come up."""
        refuse_in_clear((tables.metadata, self.metadata), published())


class Runtime:
    """The working parts of one process of a service. Nothing connects before it is used."""

    def __init__(self, composition: Composition, settings: ServiceSettings, *, role: str, observer: Observer) -> None:
        self.composition = composition
        self.settings = settings
        encryption, prefix = settings.encryption, settings.model_config.get("env_prefix", "")
        masters = MasterKeys.read(encryption.key_file, encryption.algorithm)
        self.cipher = ServiceCipher(composition.name, masters)
        own = KeyFile(f"{prefix}ENCRYPTION__KEY_FILE", encryption.key_file, masters)
        self._key_files = (own, *composition.key_files)
        self.url = settings.database.url.get_secret_value()
        self.observer = observer
        self.engine = self._engine(role)
        self.relay = Relay(self.engine, observer)
        self.transactions = Transactions(
            self.engine, self._service(), on_commit=self.relay.wake, comes_first=composition.comes_first
        )

    def _engine(self, role: str) -> AsyncEngine:
        database = self.settings.database
        # A poll of thousands of records is allowed longer than a request.
        patience = 1 if role == "api" else 10
        engine = create_engine(
            self.url,
            application=f"{self.composition.name} {role}",
            pool_size=database.pool_size,
            statement_timeout_ms=database.statement_timeout_ms * patience,
        )
        return secured(engine) if self.composition.has_row_security else engine

    def _service(self) -> Service:
        kafka = self.settings.kafka
        return Service(
            name=self.composition.name,
            hears={event.wire_type(): event for event in self.composition.subscriptions},
            partitions=kafka.partitions,
            topic_prefix=kafka.topic_prefix,
            is_stream_time=self.settings.time.mode == "stream",
            seal=self.cipher,
            readers={kafka.topic_prefix + event.name: read for event, read in self.composition.readers.items()},
        )

    def worker(self, *, inbox: Inbox | None = None) -> Worker:
        """The worker of this process. `inbox` is given by failure tests only."""
        seen = inbox or Inbox()
        poll = Poll(self.transactions, self.composition.subscriptions, observer=self.observer, inbox=seen)
        return Worker(
            self.transactions,
            self.settings.kafka,
            consuming=Consuming(self.transactions, poll, self.settings.kafka, self.observer),
            relay=self.relay,
            sweeper=Sweeper(self.transactions, self.composition.sweeps, self.observer),
            jobs={
                "replay": Replay(self.transactions, poll, seen).next,
                **{name: partial(job, self.transactions) for name, job in self.composition.jobs.items()},
            },
            ownership=Ownership(self.url),
            states=self.composition.states,
            upkeep=self.composition.upkeep,
            observer=self.observer,
        )

    async def check_keys(self) -> None:
        """Before anything is done with a key of a file. Raises KeyChanged, with nothing written."""
        async with self.engine.begin() as connection:
            await check_keys(connection, self.composition.name, self._key_files)

    async def close(self) -> None:
        """Close the pool and what else is open; a network that swallows everything must not hold a shutdown up."""
        keyring = self.composition.keyring
        keys = [keyring.store.close] if keyring else []
        for close in (self.engine.dispose, *keys, *self.composition.closing):
            with suppress(TimeoutError):
                async with asyncio.timeout(5):
                    await close()
