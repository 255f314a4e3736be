"""What services, tests and people connect to: addresses, passwords, keys, and the settings made from them."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from deploy.local.databases import owner_of
from deploy.local.errors import StackError
from deploy.local.issuer import AUDIENCE, ISSUER, Issuer
from deploy.local.psql import SUPERUSER, run_script
from rapport.events.catalogue import PARTITIONS
from rapport.messaging.topics import TopicSettings, create_topics


class Connections:
    """Addresses of a running PostgreSQL and Kafka; `ports` and `passwords` are filled by who runs them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports: dict[str, int] = {}
        self.passwords: dict[str, str] = {}

    def file(self, name: str) -> Path:
        """A file of this stack."""
        return self.folder / name

    def port(self, name: str) -> int:
        """Port of `postgres` or `kafka`. Raises StackError when it does not run."""
        if name not in self.ports:
            raise StackError("the stack is not running: start it with `make up`")
        return self.ports[name]

    @property
    def bootstrap_servers(self) -> str:
        """Kafka's address."""
        return f"127.0.0.1:{self.port('kafka')}"

    def database_url(self, service: str, *, owner: bool = False, database: str | None = None) -> str:
        """Address of a service's database: as the service, or as the owner of its tables."""
        role = owner_of(service) if owner else service
        return self._url(role, database or service)

    def admin_url(self, database: str = "postgres") -> str:
        """Address as the superuser, for tests and faults."""
        return self._url(SUPERUSER, database)

    def _url(self, role: str, database: str) -> str:
        port = self.port("postgres")
        return f"postgresql+asyncpg://{role}:{self.passwords[role]}@127.0.0.1:{port}/{database}"

    @property
    def encryption_key_file(self) -> Path:
        """The key-encryption key of all services here."""
        return self.file("encryption.key")

    @property
    def look_up_key_file(self) -> Path:
        """The key under which customer-profile finds customers by a number."""
        return self.file("look-up.key")

    @property
    def hold_out_key_file(self) -> Path:
        """The key by which churn-alert draws who is held out."""
        return self.file("hold-out.key")

    @property
    def issuer(self) -> Issuer:
        """Who signs access tokens here."""
        return Issuer(self.folder / "issuer")

    def environment(self, service: str, *, database: str | None = None) -> dict[str, str]:
        """A service's settings as environment variables, without the ports it listens on."""
        prefix = service.upper()
        own = {
            "customer_profile": {f"{prefix}_LOOK_UP__KEY_FILE": str(self.look_up_key_file)},
            "churn_alert": {f"{prefix}_HOLD_OUT__KEY_FILE": str(self.hold_out_key_file)},
        }
        return own.get(service, {}) | {
            f"{prefix}_DATABASE__URL": self.database_url(service, database=database),
            f"{prefix}_DATABASE__MIGRATION_URL": self.database_url(service, owner=True, database=database),
            f"{prefix}_KAFKA__BOOTSTRAP_SERVERS": self.bootstrap_servers,
            f"{prefix}_AUTH__ISSUER": ISSUER,
            f"{prefix}_AUTH__AUDIENCE": AUDIENCE,
            f"{prefix}_AUTH__JWKS": str(self.issuer.public_keys()),
            f"{prefix}_ENCRYPTION__KEY_FILE": str(self.encryption_key_file),
        }

    def run_sql(self, sql: str, *, database: str = "postgres") -> str:
        """Runs a psql script as the superuser and gives what it printed."""
        password = self.passwords[SUPERUSER]
        return run_script(sql, port=self.port("postgres"), password=password, database=database)

    def create_topics(
        self, wanted: Mapping[str, TopicSettings], *, prefix: str = "", partitions: int = PARTITIONS
    ) -> list[str]:
        """Makes topics that are missing. Not inside a running event loop: there, await `rapport.messaging.topics`."""
        return asyncio.run(create_topics(self.bootstrap_servers, wanted, partitions=partitions, prefix=prefix))
