"""The entry point of every service: `python -m <package> api|worker|all|migrate|dead-letters`.

Reads the settings once, builds the runtime, serves until SIGTERM or SIGINT, and says in one line what keeps it from
starting.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import Literal, TypeVar
from uuid import UUID

from aiokafka.errors import KafkaError
from sqlalchemy.exc import SQLAlchemyError

from rapport.composition import Composition, Runtime
from rapport.messaging import dead_letters
from rapport.messaging.beginnings import TopicsMissing, write_beginnings
from rapport.messaging.observer import Observer
from rapport.messaging.poll import why
from rapport.migrations import migrate
from rapport.privacy.encryption import KeyFileInvalid
from rapport.serving import serve
from rapport.settings import ServiceSettings, SettingsInvalid
from rapport.telemetry.logs import configure_logs
from rapport.web.server import PortUnavailable, run_on_uvloop

S = TypeVar("S", bound=ServiceSettings)


def run(settings_class: type[S], compose: Callable[[S], Composition], arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for; returns the exit code: 0, or 2 when it cannot start."""
    parser = _parser(settings_class)
    asked = parser.parse_args(arguments)
    try:
        settings = settings_class.read()
        composition = compose(settings)
        configure_logs(service=composition.name, role=asked.role, level=settings.telemetry.log_level)
        match asked.role:
            case "migrate":
                asyncio.run(_migrate(composition, settings))
            case "dead-letters":
                asyncio.run(_dead_letters(composition, settings, replay=asked.replay))
            case "api":
                run_on_uvloop(serve(composition, settings, asked.role))
            case _:
                asyncio.run(serve(composition, settings, asked.role))
    except (OSError, SQLAlchemyError, KafkaError) as away:
        # The texts of these can hold an address with a password; their kinds cannot.
        print(f"{parser.prog}: the database or Kafka does not answer as needed ({why(away)})", file=sys.stderr)
        return 2
    except (SettingsInvalid, KeyFileInvalid, PortUnavailable, CannotMigrate, TopicsMissing) as refusal:
        print(f"{parser.prog}: {refusal}", file=sys.stderr)
        return 2
    return 0


class CannotMigrate(Exception):
    """The owner's database address is missing."""


def _parser(settings_class: type[ServiceSettings]) -> argparse.ArgumentParser:
    package = settings_class.__module__.partition(".")[0]
    prefix = settings_class.model_config.get("env_prefix", "")
    parser = argparse.ArgumentParser(
        prog=f"python -m {package}",
        description=f"The {package.replace('_', '-')} service. Settings are variables {prefix}<GROUP>__<NAME>.",
    )
    roles = parser.add_subparsers(dest="role", required=True)
    roles.add_parser("api", help="serve REST")
    roles.add_parser("worker", help="consume, relay and sweep")
    roles.add_parser("all", help="both in one process, for a laptop")
    roles.add_parser("migrate", help="bring the database up to date and write where reading begins")
    letters = roles.add_parser("dead-letters", help="list dead letters, or have them handled once more")
    letters.add_argument(
        "--replay", metavar="ID|all", type=_letter, help="ask the worker to handle this dead letter, or all, again"
    )
    return parser


def _letter(text: str) -> UUID | Literal["all"]:
    return "all" if text == "all" else UUID(text)


async def _migrate(composition: Composition, settings: ServiceSettings) -> None:
    owner = settings.database.migration_url
    if owner is None:
        prefix = settings.model_config.get("env_prefix", "")
        raise CannotMigrate(f"{prefix}DATABASE__MIGRATION_URL is missing: migrations are run by the tables' owner")
    await migrate(owner.get_secret_value(), composition.migrations)
    await write_beginnings(owner.get_secret_value(), settings.kafka, composition.subscriptions)


async def _dead_letters(
    composition: Composition, settings: ServiceSettings, *, replay: UUID | Literal["all"] | None
) -> None:
    runtime = Runtime(composition, settings, role="operator", observer=Observer())
    async with runtime.engine.begin() as connection:
        if replay is not None:
            count = await dead_letters.request_replay(connection, None if replay == "all" else replay)
            print(f"{composition.name}: {count} dead letters will be handled once more by the worker")
        else:
            for row in await dead_letters.listing(connection, limit=1000):
                where = f"{row['topic']}/{row['partition']}@{row['offset']}"
                print(f"{row['dead_letter_id']}  {composition.name}  {where}  {row['handler']}  {row['reason']}")
    await runtime.close()
