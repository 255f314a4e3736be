"""A customer-profile with as many customers as asked for: each with identity sealed under a key of its own, accounts,
months of postings and words of other services, written past the service for speed; and its API as a process.
"""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from rich.progress import Progress

from benchmarks import told
from benchmarks.ground import CONSOLE, Ground
from customer_profile.customer.domain import INDEXED
from customer_profile.customer.identity import Locks
from customer_profile.main import NAME
from deploy.local.issuer import Issuer
from deploy.local.ports import free_port
from deploy.local.processes import PROJECT
from rapport.messaging.partitions import partition_of
from rapport.privacy.blind_index import BlindIndex
from rapport.privacy.ciphers import new_key
from rapport.privacy.encryption import MasterKeys
from rapport.privacy.keyring import CustomerKey, Keyring
from rapport.privacy.settings import EncryptionSettings

SERVICE = "customer_profile"
IdentityOf = Callable[[int], Mapping[str, str | None]]
"""The identity of the customer of this number."""
TEMPLATE = "c-template"
_PAGE = 5000
_WRITERS = 3
"""While one page is sealed here, others are written."""
_PATIENCE = 60.0
# What PostgreSQL generates is not written.
_WRITTEN = """
SELECT column_name FROM information_schema.columns WHERE table_name = 'profiles' AND is_generated = 'NEVER'
ORDER BY ordinal_position
"""


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A customer-profile that serves. `environment`: for its commands. `dsn`: of the superuser, past all its rules."""

    environment: dict[str, str]
    address: str
    dsn: str
    issuer: Issuer

    def client(self) -> httpx.AsyncClient:
        """Asks this API as a system of the bank."""
        return httpx.AsyncClient(base_url=self.address, headers=self.bearer("service", "benchmarks"), timeout=30)

    def bearer(self, role: str, subject: str) -> dict[str, str]:
        """The header of somebody in this role."""
        return {"Authorization": f"Bearer {self.issuer.token([role], subject=subject)}"}


def customer(number: int) -> str:
    """The token of one of those written."""
    return f"c-{number:07d}"


@contextmanager
def profile(
    ground: Ground, customers: int, *, key_file: Path | None = None, identity_of: IdentityOf | None = None
) -> Iterator[Profile]:
    """A fresh database, filled, and an API over it until the end."""
    prefix, database, port = ground.topics(), ground.database(SERVICE), free_port()
    settings = {"API__REQUESTS_PER_SECOND": "1000000", "API__BURST": "1000000", "OPERATIONS__PORT": "0"}
    settings |= {"ENCRYPTION__KEY_FILE": str(key_file)} if key_file else {}
    environment = ground.service(SERVICE, prefix, database=database, API__PORT=str(port), **settings)
    served = Profile(
        environment,
        f"http://127.0.0.1:{port}",
        ground.stack.admin_url(database).replace("+asyncpg", ""),
        ground.stack.issuer,
    )
    with serving(served):
        asyncio.run(_fill(served, customers, identity_of or identity))
        yield served


@contextmanager
def serving(served: Profile) -> Iterator[None]:
    """Its API as a process, until the end."""
    process = subprocess.Popen([sys.executable, "-m", SERVICE, "api"], env=served.environment, cwd=PROJECT)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


async def ready(api: httpx.AsyncClient) -> None:
    """Wait until it serves."""
    async with asyncio.timeout(_PATIENCE):
        while True:
            try:
                if (await api.get("/health/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


def locks_of(environment: dict[str, str]) -> Locks:
    """The keys of the service that has this environment."""
    prefix = SERVICE.upper()
    keys = EncryptionSettings(key_file=Path(environment[f"{prefix}_ENCRYPTION__KEY_FILE"]))
    index = MasterKeys.read(Path(environment[f"{prefix}_LOOK_UP__KEY_FILE"]))
    return Locks(Keyring.of(NAME, keys), BlindIndex(NAME, INDEXED, index))


def identity(number: int) -> dict[str, str | None]:
    """Of the customer of this number; no two have the same."""
    return {
        "full_name": f"张{number}",
        "id_type": "passport",
        "id_number": f"E{number:08d}",
        "phone": f"+86138{number:08d}",
        "email": f"c{number}@example.com",
        "address": f"深圳市科技路{number}号",
    }


async def _fill(served: Profile, customers: int, identity_of: IdentityOf) -> None:
    async with served.client() as api:
        await ready(api)
        new = {"customer_id": TEMPLATE, "unit": "B0001", "customer_since": "2020-01-01"}
        (await api.post("/customers", json=new)).raise_for_status()
    connection = await asyncpg.connect(served.dsn)
    locks = locks_of(served.environment)
    columns = ", ".join(row[0] for row in await connection.fetch(_WRITTEN))
    row = await connection.fetchrow(f"SELECT {columns} FROM profiles WHERE customer_id = $1", TEMPLATE)
    template = dict(row)
    pages = iter([range(start, min(start + _PAGE, customers)) for start in range(0, customers, _PAGE)])
    with Progress(console=CONSOLE) as progress:
        bar = progress.add_task(f"{customers:,} customers", total=customers)

        async def write() -> None:
            own = await asyncpg.connect(served.dsn)
            for page in pages:
                await _write_page(own, locks, template, page, identity_of)
                progress.advance(bar, len(page))
            await own.close()

        await asyncio.gather(*(write() for _ in range(_WRITERS)))
    await told.staff(connection)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _write_page(
    connection: asyncpg.Connection,
    locks: Locks,
    template: dict[str, Any],
    numbers: Sequence[int],
    identity_of: IdentityOf,
) -> None:
    ids = {number: customer(number) for number in numbers}
    keys = {number: new_key() for number in numbers}
    wrapped = await locks.keyring.wrap({(ids[number], 1): key for number, key in keys.items()})
    await connection.copy_records_to_table(
        "data_keys",
        columns=["customer_id", "generation", "kek_version", "wrapped"],
        records=[(*owner, one.version, one.value) for owner, one in wrapped.items()],
    )
    rows = [
        template
        | {"customer_id": one, "partition": partition_of(one), "relationship_manager": told.manager(number)}
        | locks.sealed(identity_of(number), CustomerKey(NAME, one, {1: keys[number]}))
        for number, one in ids.items()
    ]
    await connection.copy_records_to_table(
        "profiles", columns=list(template), records=[tuple(row.values()) for row in rows]
    )
    await told.tell(connection, list(ids.values()))
