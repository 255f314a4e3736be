"""Migrations of one service: the delivery tables of `shared` and the service's own, two branches of one history.

One migrator at a time, by an advisory lock; a statement that would wait behind live work gives up soon instead of
stopping the workers of the old version. Each migration is a transaction of its own, so that none holds the locks of
those before it; what cannot be done in one is in `rapport.online`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text

from rapport.database import create_engine
from rapport.messaging import tables
from rapport.row_security import secured

_DELIVERY = Path(__file__).parent / "messaging" / "migrations"
_INBOX_PARTITION = "inbox_"


def scripts_of(folder: Path) -> ScriptDirectory:
    """The migrations of a service, whose `versions/` lie in `folder`, and those of delivery."""
    return _scripts(folder)[1]


def _scripts(folder: Path) -> tuple[Config, ScriptDirectory]:
    config = Config()
    config.set_main_option("script_location", str(_DELIVERY))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"{_DELIVERY / 'versions'}\n{folder / 'versions'}")
    return config, ScriptDirectory.from_config(config)


async def migrate(owner_url: str, folder: Path, *, to: str = "heads", down: bool = False) -> None:
    """Bring the database to revision `to`, up or down. `folder` holds the service's `versions/`.

    Raises whatever the database refuses; the migrations before stand then, and it goes on from there the next time.
    """
    config, scripts = _scripts(folder)

    def steps(revision: Any, _: Any) -> Any:
        # Alembic's own commands reach these through an env.py, a file of settings that nothing here needs.
        walk = scripts._downgrade_revs if down else scripts._upgrade_revs  # noqa: SLF001
        return walk(to, revision)

    def run(connection: Connection) -> None:
        with EnvironmentContext(config, scripts, fn=steps, destination_rev=to) as environment:
            environment.configure(connection=connection, transaction_per_migration=True)
            environment.run_migrations()

    await _with_lock(owner_url, run)


async def differences(owner_url: str, metadata: MetaData) -> list[Any]:
    """What the tables in the database and the tables in code do not agree on; empty when migrations equal models."""
    found: list[Any] = []

    def compare(connection: Connection) -> None:
        options = {"include_object": _is_ours, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        both = MetaData()
        for table in (*tables.metadata.tables.values(), *metadata.tables.values()):
            table.to_metadata(both)
        found.extend(compare_metadata(context, both))

    await _with_lock(owner_url, compare)
    return found


def _is_ours(_: Any, name: str | None, kind: str, *__: Any) -> bool:
    return not (kind in {"table", "index"} and name is not None and name.startswith(_INBOX_PARTITION))


async def _with_lock(owner_url: str, work: Callable[[Connection], None]) -> None:
    # The owner too is held to the policies of its tables: a migration that changes rows must see them.
    engine = secured(create_engine(owner_url, application="rapport migrate", pool_size=1, statement_timeout_ms=600_000))
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SET lock_timeout = '5s'"))
            await connection.execute(text("SELECT pg_advisory_lock(hashtext('rapport migrate'))"))
            await connection.commit()
            # Whatever comes of it, the lock ends with the connection.
            await connection.run_sync(work)
            await connection.commit()
    finally:
        await engine.dispose()
