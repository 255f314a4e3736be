"""The whole stack of one folder: PostgreSQL with a database a service, Kafka with its topics, keys and passwords.

    stack = Stack(Path(".local/demo"))
    stack.start()
    ... stack.environment("scoring") ...
    stack.stop()

Everything it starts ends with the process that started it, unless it is detached.
"""

import json
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.connections import Connections
from deploy.local.databases import SERVICES, create_roles_and_databases, roles
from deploy.local.kafka import Kafka
from deploy.local.lock_file import LockFile
from deploy.local.ports import port_for
from deploy.local.postgres import Postgres
from deploy.local.processes import PROJECT, Processes
from deploy.local.psql import SUPERUSER
from deploy.local.secret_files import encryption_key, passwords
from rapport.events import catalogue
from rapport.messaging.topics import TopicSettings

HOME = PROJECT / ".local"
_DAY_MS = 24 * 60 * 60 * 1000


def every_topic() -> dict[str, TopicSettings]:
    """Name and settings of every topic: one an event, and one for the dead letters of each service."""
    wanted: dict[str, TopicSettings] = {e.name: catalogue.topic_configuration(e) for e in catalogue.topics()}
    for service in SERVICES:
        letters = f"{service.replace('_', '-')}.dead-letter"
        wanted[letters] = {"retention.ms": 90 * _DAY_MS, "max.message.bytes": 6 * 1024 * 1024}
    return wanted


class Stack(Connections):
    """One PostgreSQL and one Kafka with their data in `folder`.

    `detached`: they outlive this process. `durable=False`: quicker to start, lost when the machine fails; for tests.
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
        super().__init__(folder.resolve())
        self.processes = Processes(self.folder, detached=detached)
        self._asked = {"postgres": postgres_port, "kafka": kafka_port}
        self._postgres = Postgres(self.folder, self.processes, durable=durable)
        self._kafka = Kafka(self.folder, self.processes, durable=durable)
        self._lock = LockFile(self.folder / "lock")
        self._detached = detached
        self._topics = every_topic() if topics else {}

    def start(self, *, kafka: bool = True) -> Self:
        """Starts what is not running. Raises StackError in one line when it cannot, and leaves nothing running then.

        `kafka=False` leaves it for a later `start_kafka`.
        """
        self._make_folder()
        self._lock.take()
        try:
            if not (self._detached and self.attach()):
                self.processes.end_orphans()
                self._start_postgres()
                if kafka:
                    self.start_kafka()
        except BaseException:
            self.processes.stop_all()
            self._lock.release()
            raise
        if self._detached:
            self._lock.release()
        return self

    def _make_folder(self) -> None:
        # The server's own account must pass through the folders, and needs to see nothing in them.
        mode = 0o711 if self._postgres.place.account else 0o700
        for level in reversed([self.folder, *self.folder.parents]):
            if not level.exists():
                level.mkdir()
                level.chmod(mode)
        self.folder.chmod(mode)

    def _start_postgres(self) -> None:
        self.passwords = passwords(self.file("passwords.json"), [SUPERUSER, *roles()])
        encryption_key(self.encryption_key_file)
        encryption_key(self.look_up_key_file)
        encryption_key(self.hold_out_key_file)
        self.ports["postgres"] = port_for("PostgreSQL", self._asked["postgres"], option="--postgres-port")
        self.ports["kafka"] = port_for("Kafka", self._asked["kafka"], option="--kafka-port")
        self.ports["controller"] = port_for("Kafka's controller", None, option="")
        self.file("ports.json").write_text(json.dumps(self.ports))
        self._postgres.prepare(self.passwords[SUPERUSER])
        self._postgres.start(self.ports["postgres"])
        self.run_sql(create_roles_and_databases(self.passwords))

    def start_kafka(self) -> None:
        """Starts the broker and makes the topics that are missing."""
        self._kafka.prepare(self.ports["kafka"], self.ports["controller"])
        self._kafka.start(self.ports["kafka"])
        self.create_topics(self._topics)

    def attach(self) -> bool:
        """Takes over a stack that another process left running; False when none (or only a part) runs."""
        self.processes.adopt()
        running = all(self.processes.pid(name) for name in (Postgres.name, Kafka.name))
        if running:
            self.ports = json.loads(self.file("ports.json").read_text())
            self.passwords = passwords(self.file("passwords.json"), [])
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
        self.processes.end_orphans(abruptly=True)
        self.processes.stop_all()
        self._postgres.wipe()
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

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
        self._postgres.start(self.port("postgres"))

    def restart_kafka(self) -> None:
        """Restarts the broker on its port."""
        self._kafka.stop()
        self._kafka.start(self.port("kafka"))


def instance(name: str) -> Path:
    """Folder of a named stack in the project: `up`, `demo` and those of tests live side by side."""
    return HOME / name
