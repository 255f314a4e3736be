"""The whole stack of one folder: PostgreSQL with a database a service, Kafka with its topics, keys and passwords.

    stack = Stack(Path(".local/demo"))
    stack.start()
    ... stack.environment("scoring") ...
    stack.stop()

Everything it starts ends with the process that started it, unless it is detached.
"""

import asyncio
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from rapport.events import catalogue
from rapport.messaging.topics import TopicSettings, create_topics

from deploy.local.databases import SERVICES, create_roles_and_databases, owner_of, roles
from deploy.local.errors import StackError
from deploy.local.issuer import AUDIENCE, ISSUER, Issuer
from deploy.local.kafka import Kafka
from deploy.local.lock_file import LockFile
from deploy.local.ports import port_for
from deploy.local.postgres import SUPERUSER, Postgres
from deploy.local.processes import PROJECT, Processes
from deploy.local.secret_files import encryption_key, passwords

HOME = PROJECT / ".local"
_DAY_MS = 24 * 60 * 60 * 1000


def every_topic() -> dict[str, TopicSettings]:
    """Name and settings of every topic: one an event, and one for the dead letters of each service."""
    letters = {f"{service.replace('_', '-')}.dead-letter": {"retention.ms": 90 * _DAY_MS} for service in SERVICES}
    return {event.name: catalogue.topic_configuration(event) for event in catalogue.topics()} | {
        name: {**settings, "max.message.bytes": 6 * 1024 * 1024} for name, settings in letters.items()
    }


class Stack:
    """One PostgreSQL and one Kafka with their data in `folder`.

    `detached`: they outlive this process. `durable=False`: quicker to start, and lost when the machine fails; for tests.
    `topics=False`: without topics. Ports are free ones unless asked for.
    """

    def __init__(
        self,
        folder: Path,
        *,
        detached: bool = False,
        durable: bool = True,
        topics: bool = True,
        postgres_port: int | None = None,
        kafka_port: int | None = None,
    ) -> None:
        self.folder = folder.resolve()
        self.processes = Processes(self.folder, detached=detached)
        self._asked = {"postgres": postgres_port, "kafka": kafka_port}
        self._ports: dict[str, int] = {}
        self._passwords: dict[str, str] = {}
        self._postgres = Postgres(self.folder, self.processes, durable=durable)
        self._kafka = Kafka(self.folder, self.processes, durable=durable)
        self._lock = LockFile(self.folder / "lock")
        self._detached = detached
        self._topics = every_topic() if topics else {}

    def start(self) -> Self:
        """Starts what is not running. Raises StackError in one line when it cannot, and leaves nothing running then."""
        self._make_folder()
        self._lock.take()
        try:
            if self._detached and self.attach():
                return self
            self.processes.end_orphans()
            self._start()
        except BaseException:
            self.processes.stop_all()
            self._lock.release()
            raise
        if self._detached:
            self._lock.release()
        return self

    def _make_folder(self) -> None:
        # The server's own account must pass through the folder, and needs to see nothing in it.
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711 if self._postgres.place.account else 0o700)

    def _start(self) -> None:
        self._passwords = passwords(self._file("passwords.json"), [SUPERUSER, *roles()])
        encryption_key(self.encryption_key_file)
        self._ports["postgres"] = port_for("PostgreSQL", self._asked["postgres"], option="--postgres-port")
        self._ports["kafka"] = port_for("Kafka", self._asked["kafka"], option="--kafka-port")
        self._ports["controller"] = port_for("Kafka's controller", None, option="")
        self._file("ports.json").write_text(json.dumps(self._ports))
        self._postgres.prepare(self._passwords[SUPERUSER])
        self._postgres.start(self._ports["postgres"])
        self.run_sql(create_roles_and_databases(self._passwords))
        self._kafka.prepare(self._ports["kafka"], self._ports["controller"])
        self._kafka.start(self._ports["kafka"])
        self.create_topics(self._topics)

    def attach(self) -> bool:
        """Takes over a stack that another process left running; False when none (or only a part) runs."""
        self.processes.adopt()
        running = all(self.processes.pid(name) for name in (Postgres.name, Kafka.name))
        if running:
            self._ports = json.loads(self._file("ports.json").read_text())
            self._passwords = passwords(self._file("passwords.json"), [])
        return running

    def stop(self) -> None:
        """Ends everything this stack runs; the data stays."""
        self.processes.stop_all()
        self._lock.release()

    def wipe(self) -> None:
        """Stops and removes the data, passwords and keys of this stack."""
        if not self.folder.exists():
            return
        self._lock.take()
        self.processes.end_orphans()
        self._postgres.wipe()
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    # -- what others connect to

    @property
    def bootstrap_servers(self) -> str:
        """Kafka's address."""
        return f"127.0.0.1:{self._port('kafka')}"

    def database_url(self, service: str, *, owner: bool = False, database: str | None = None) -> str:
        """Address of a service's database: as the service, or as the owner of its tables."""
        role = owner_of(service) if owner else service
        return self._url(role, database or service)

    def admin_url(self, database: str = "postgres") -> str:
        """Address as the superuser, for tests and faults."""
        return self._url(SUPERUSER, database)

    def _url(self, role: str, database: str) -> str:
        port = self._port("postgres")
        return f"postgresql+asyncpg://{role}:{self._passwords[role]}@127.0.0.1:{port}/{database}"

    def _port(self, name: str) -> int:
        if name not in self._ports:
            raise StackError("the stack is not running: start it with `make up`")
        return self._ports[name]

    @property
    def encryption_key_file(self) -> Path:
        """The key-encryption key of all services here."""
        return self._file("encryption.key")

    @property
    def issuer(self) -> Issuer:
        """Who signs access tokens here."""
        return Issuer(self.folder / "issuer")

    def environment(self, service: str, *, database: str | None = None) -> dict[str, str]:
        """A service's settings as environment variables, without the ports it listens on."""
        prefix = service.upper()
        return {
            f"{prefix}_DATABASE__URL": self.database_url(service, database=database),
            f"{prefix}_DATABASE__MIGRATION_URL": self.database_url(service, owner=True, database=database),
            f"{prefix}_KAFKA__BOOTSTRAP_SERVERS": self.bootstrap_servers,
            f"{prefix}_AUTH__ISSUER": ISSUER,
            f"{prefix}_AUTH__AUDIENCE": AUDIENCE,
            f"{prefix}_AUTH__JWKS": str(self.issuer.public_keys()),
            f"{prefix}_ENCRYPTION__KEY_FILE": str(self.encryption_key_file),
        }

    # -- what tests and operators do to it

    @property
    def postgres_pid(self) -> int | None:
        """Process id of the postmaster, None when it does not run."""
        return self.processes.pid(Postgres.name)

    @property
    def kafka_pid(self) -> int | None:
        """Process id of the broker, None when it does not run."""
        return self.processes.pid(Kafka.name)

    def restart_postgres(self, mode: str = "fast") -> None:
        """Restarts PostgreSQL on its port; mode `immediate` is a crash with recovery."""
        self._postgres.stop(mode)
        self._postgres.start(self._port("postgres"))

    def restart_kafka(self) -> None:
        """Restarts the broker on its port."""
        self._kafka.stop()
        self._kafka.start(self._port("kafka"))

    def run_sql(self, sql: str, *, database: str = "postgres") -> str:
        """Runs a psql script as the superuser and gives what it printed."""
        password = self._passwords[SUPERUSER]
        return self._postgres.run_sql(sql, port=self._port("postgres"), password=password, database=database)

    def create_topics(
        self, wanted: Mapping[str, TopicSettings], *, prefix: str = "", partitions: int = catalogue.PARTITIONS
    ) -> list[str]:
        """Makes topics that are missing. Not inside a running event loop: there, await `rapport.messaging.topics`."""
        return asyncio.run(create_topics(self.bootstrap_servers, wanted, partitions=partitions, prefix=prefix))

    def _file(self, name: str) -> Path:
        return self.folder / name


def instance(name: str) -> Path:
    """Folder of a named stack in the project: `up`, `demo`, `test-…` live side by side."""
    return HOME / (name if os.sep not in name else Path(name).name)
