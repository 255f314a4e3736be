"""One real PostgreSQL and one real Kafka for a whole test session, and cheap copies of migrated databases on it.

`STACK=containers` takes both from containers instead.
"""

import asyncio
import os
from collections.abc import Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import psutil
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.connections import Connections
from deploy.local.databases import create_database, create_role, owner_of, rights_inside
from deploy.local.lock_file import LockFile
from deploy.local.processes import PROJECT
from deploy.local.secret_files import passwords
from deploy.local.stack import HOME, Stack, every_topic
from rapport.messaging.topics import create_topics
from rapport.migrations import migrate

_PREFIX = "test-"
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class FreshDatabase:
    """A database of one test. `url`: as the service, rows only; `owner_url`: as the owner of the tables."""

    name: str
    url: str
    owner_url: str


def stack_of_tests() -> Stack:
    """A stack in a folder of its own, so that several test runs go on at once; what a killed run left is removed."""
    for old in HOME.glob(f"{_PREFIX}*"):
        # The process is asked too: it may just now be between making its folder and locking it.
        if not psutil.pid_exists(int(old.name.removeprefix(_PREFIX))) and not LockFile(old / "lock").is_held():
            Stack(old).wipe()
    return Stack(HOME / f"{_PREFIX}{os.getpid()}", durable=False, topics=False)


class Databases:
    """Migrated once for each service, copied for each test."""

    def __init__(self, stack: Connections) -> None:
        self._stack = stack
        self._templates: dict[tuple[str, Path | None], str] = {}

    def fresh(self, service: str, *, migrations: Path | None = None, migrated: bool = True) -> FreshDatabase:
        """A database without rows; a service that is none of ours gets its roles here and brings its `migrations`."""
        folder = migrations or PROJECT / "services" / service.replace("_", "-") / "migrations"
        return self.copy_of(self._template(service, folder if migrated else None), service)

    def copy_of(self, template: str, service: str) -> FreshDatabase:
        """A database with all that is in this one of the same service, to which nobody may be connected."""
        name = f"{service}_{uuid4().hex[:12]}"
        self._stack.run_sql(create_database(name, service, template=template))
        return self._addressed(service, name)

    def drop(self, database: FreshDatabase) -> None:
        """Removes it, whoever is still connected."""
        self._stack.run_sql(f"DROP DATABASE IF EXISTS {database.name} WITH (FORCE);")

    def _template(self, service: str, folder: Path | None) -> str:
        if (service, folder) not in self._templates:
            self._make_roles(service)
            template = f"template_{service}_{len(self._templates)}"
            self._stack.run_sql(f"{create_database(template, service)}\n\\connect {template}\n{rights_inside(service)}")
            if folder is not None:
                finish(migrate(self._addressed(service, template).owner_url, folder))
            self._templates[service, folder] = template
        return self._templates[service, folder]

    def _make_roles(self, service: str) -> None:
        names = [service, owner_of(service)]
        self._stack.passwords = passwords(self._stack.file("passwords.json"), names)
        self._stack.run_sql("\n".join(create_role(name, self._stack.passwords[name]) for name in names))

    def _addressed(self, service: str, name: str) -> FreshDatabase:
        as_owner = self._stack.database_url(service, owner=True, database=name)
        return FreshDatabase(name, self._stack.database_url(service, database=name), as_owner)


class Topics:
    """Topics under prefixes of their own, so that tests share a broker and not a record."""

    def __init__(self, stack: Connections) -> None:
        self._stack = stack
        self._made: list[str] = []

    async def make(self, names: Iterable[str] | None = None, *, partitions: int = 24, prefix: str | None = None) -> str:
        """Makes these topics (all there are, for None) and gives the prefix: setting `kafka.topic_prefix`."""
        prefix = prefix or f"t{uuid4().hex[:8]}."
        known = every_topic()
        wanted = {name: known.get(name, {}) for name in (known if names is None else names)}
        self._made += await create_topics(self._stack.bootstrap_servers, wanted, partitions=partitions, prefix=prefix)
        return prefix

    async def remove(self) -> None:
        """Removes all that were made: every partition costs the broker files and memory."""
        if self._made:
            admin = AIOKafkaAdminClient(bootstrap_servers=self._stack.bootstrap_servers)
            await admin.start()
            await admin.delete_topics(self._made)
            await admin.close()
            self._made.clear()


def finish(work: Coroutine[Any, Any, Result]) -> Result:
    """What it comes to, in a loop of its own, also when called inside a running loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
