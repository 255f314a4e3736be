"""The entry point of every service: `python -m <package> api|worker|all|migrate|dead-letters`.

Reads the settings once, builds the runtime, serves until SIGTERM or SIGINT, and says in one line what keeps it from it.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar
from uuid import UUID

import uvloop
from aiokafka.errors import KafkaError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.asking import NotKept, add_listing_options
from rapport.composition import Composition, Runtime
from rapport.messaging import dead_letters
from rapport.messaging.beginnings import TopicsMissing, write_beginnings
from rapport.messaging.observer import Observer
from rapport.messaging.poll import why
from rapport.migrations import migrate
from rapport.privacy.catalogue.columns import NotEncrypted
from rapport.privacy.encryption import KeyFileInvalid
from rapport.serving import serve
from rapport.settings import ServiceSettings, SettingsInvalid
from rapport.telemetry.logs import configure_logs
from rapport.trust import CertificatesInvalid
from rapport.web.server import PortUnavailable

S = TypeVar("S", bound=ServiceSettings)
UNKNOWN = 3
"""Exit code: what was asked for, such as a dead letter, is none of this service's. No other end of a program has it."""

ROLES = {
    "api": "serve REST until SIGTERM or SIGINT, with health and metrics on the port of operations",
    "worker": "consume, relay and sweep until SIGTERM or SIGINT, with health and metrics on the port of operations",
    "all": "both in one process, for a laptop",
    "migrate": "bring the database up to date and write where reading begins, as the owner of the tables",
}


@dataclass(frozen=True, slots=True)
class Command(Generic[S]):
    """Something a service's program does beside its roles. `act` returns when it is done, or raises Refused."""

    name: str
    help: str
    add_options: Callable[[argparse.ArgumentParser], None]
    act: Callable[[Composition, S, argparse.Namespace], None]


@dataclass(frozen=True, slots=True)
class Tool:
    """A command that needs neither settings nor database."""

    name: str
    help: str
    add_options: Callable[[argparse.ArgumentParser], None]
    act: Callable[[argparse.Namespace], None]


class Refused(Exception):
    """A command cannot do what it was asked for; the text is one line that names the remedy."""


class CannotMigrate(Exception):
    """The owner's database address is missing."""


_REFUSALS = (SettingsInvalid, KeyFileInvalid, CertificatesInvalid, NotEncrypted, PortUnavailable, CannotMigrate,
    TopicsMissing, Refused)  # fmt: skip


def run(
    settings_class: type[S],
    compose: Callable[[S], Composition],
    arguments: Sequence[str] | None = None,
    *,
    commands: Sequence[Command[S]] = (),
    tools: Sequence[Tool] = (),
) -> int:
    """Do what the command line asks for; returns the exit code: 0, 2 when it cannot start, or UNKNOWN."""
    parser = _parser(settings_class, [*commands, *tools])
    asked = parser.parse_args(arguments)
    own = {command.name: command for command in commands}
    try:
        if tool := next((tool for tool in tools if tool.name == asked.role), None):
            tool.act(asked)
            return 0
        settings = settings_class.read()
        composition = compose(settings)
        configure_logs(service=composition.name, role=asked.role, level=settings.telemetry.log_level)
        match asked.role:
            case "migrate":
                uvloop.run(_migrate(composition, settings))
            case "dead-letters":
                uvloop.run(_dead_letters(composition, settings, asked))
            case name if name in own:
                own[name].act(composition, settings, asked)
            case _:
                uvloop.run(serve(composition, settings, asked.role))
    except (OSError, SQLAlchemyError, KafkaError) as away:
        # The texts of these can hold an address with a password; their kinds cannot.
        print(f"{parser.prog}: the database or Kafka does not answer as needed ({why(away)})", file=sys.stderr)
        return 2
    except _REFUSALS as refusal:
        print(f"{parser.prog}: {refusal}", file=sys.stderr)
        return 2
    except NotKept as unknown:
        print(f"{parser.prog}: {unknown}", file=sys.stderr)
        return UNKNOWN
    return 0


def _parser(settings_class: type[S], commands: Sequence[Command[S] | Tool]) -> argparse.ArgumentParser:
    package = settings_class.__module__.partition(".")[0]
    prefix = settings_class.model_config.get("env_prefix", "")
    parser = argparse.ArgumentParser(
        prog=f"python -m {package}",
        description=f"The {package.replace('_', '-')} service. Settings are variables {prefix}<GROUP>__<NAME>.",
    )
    roles = parser.add_subparsers(dest="role", required=True)
    for name, words in ROLES.items():
        roles.add_parser(name, help=words, description=_sentence(words))
    words = "list dead letters, or have them handled once more"
    add_dead_letter_options(roles.add_parser("dead-letters", help=words, description=_sentence(words)))
    for command in commands:
        command.add_options(roles.add_parser(command.name, help=command.help, description=_sentence(command.help)))
    return parser


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def add_dead_letter_options(letters: argparse.ArgumentParser) -> None:
    """What can be asked about dead letters, of one service or of all."""
    add_listing_options(letters, "dead letter")


async def _migrate(composition: Composition, settings: ServiceSettings) -> None:
    owner = settings.database.migration_url
    if owner is None:
        prefix = settings.model_config.get("env_prefix", "")
        raise CannotMigrate(f"{prefix}DATABASE__MIGRATION_URL is missing: migrations are run by the tables' owner")
    await migrate(owner.get_secret_value(), composition.migrations)
    await write_beginnings(owner.get_secret_value(), settings.kafka, composition.subscriptions)


async def _dead_letters(composition: Composition, settings: ServiceSettings, asked: argparse.Namespace) -> None:
    runtime = Runtime(composition, settings, role="operator", observer=Observer())
    try:
        async with runtime.engine.begin() as connection:
            if asked.replay is not None:
                await _replay(connection, composition.name, asked.replay)
            else:
                await _list(connection, composition.name, after=asked.after, limit=asked.limit)
    finally:
        await runtime.close()


async def _replay(connection: AsyncConnection, service: str, which: UUID | Literal["all"]) -> None:
    count = await dead_letters.request_replay(connection, None if which == "all" else which)
    if count == 0 and which != "all":
        raise NotKept(f"there is no dead letter {which}: it was handled meanwhile, or never was")
    print(f"{service}: {count} dead letters will be handled once more by the worker")


async def _list(connection: AsyncConnection, service: str, *, after: UUID, limit: int) -> None:
    for row in await dead_letters.listing(connection, after=after, limit=limit):
        after = row["dead_letter_id"]
        where = f"{row['topic']}/{row['partition']}@{row['offset']}"
        print(f"{after}  {service}  {where}  {row['handler']}  {row['reason']}")
    if more := await dead_letters.count_after(connection, after):
        # Beside the list, so that what is made of the list holds dead letters only.
        print(f"{service}: {more} more: --after {after} lists them", file=sys.stderr)
