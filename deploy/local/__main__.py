"""The stack without containers, from the command line: `python -m deploy.local up|down|status|…`."""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.local.databases import SERVICES
from deploy.local.dead_letters import ask_services
from deploy.local.errors import StackError
from deploy.local.issuer import Issuer
from deploy.local.lock_file import LockFile
from deploy.local.stack import HOME, Stack, instance
from rapport.service import add_dead_letter_options
from rapport.web.scopes import ROLE_SCOPES

# A person who names no stack means the one that runs: the demo's when there is one.
DEFAULTS = ("demo", "up")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, or 2 with one line that names the remedy."""
    asked = _parser().parse_args(arguments)
    try:
        answer = asked.do(asked)
    except StackError as error:
        print(error, file=sys.stderr)
        return 2
    return int(answer or 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    commands = parser.add_subparsers(required=True)

    def command(name: str, do: object, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.add_argument("--name", help="which stack of this checkout; without it the demo's when it runs, else `up`")
        made.set_defaults(do=do)
        return made

    up = command("up", _up, "start PostgreSQL and Kafka and leave them running")
    up.add_argument("--postgres-port", type=int, help="without it a free port")
    up.add_argument("--kafka-port", type=int, help="without it a free port")
    command("down", _down, "end them; the data stays")
    command("status", _status, "what runs, and where")
    wipe = command("wipe", _wipe, "end them and remove the data")
    wipe.add_argument("--all", action="store_true", help="every stack of this checkout that nobody uses")
    token = command("token", _token, "print an access token of this stack's own issuer")
    token.add_argument("--role", action="append", required=True, choices=sorted(ROLE_SCOPES), help="may be repeated")
    token.add_argument("--subject", help="whose token; without it one named after the role")
    token.add_argument("--scope", help="narrows what the roles allow")
    token.add_argument("--customer", metavar="ID", help="the one customer a channel's token acts for: what /me shows")
    token.add_argument("--step-up", action="store_true", help="as after a second factor just now: for unmasking")
    doing = command(
        "run", _run, "run a command of a service in the settings of this stack: run scoring replay --out FOLDER"
    )
    doing.add_argument("service", choices=SERVICES)
    doing.add_argument("words", nargs=argparse.REMAINDER, metavar="command", help="with its own options")
    letters = command(
        "dead-letters", _dead_letters, "list the dead letters of every service, or have them handled again"
    )
    letters.add_argument("--service", choices=SERVICES, help="of this one alone")
    add_dead_letter_options(letters)
    return parser


def _up(asked: argparse.Namespace) -> None:
    folder = instance(asked.name or "up")
    Stack(folder, detached=True, postgres_port=asked.postgres_port, kafka_port=asked.kafka_port).start()
    _say_where(folder)


def _down(asked: argparse.Namespace) -> None:
    stack = Stack(instance(asked.name or "up"), detached=True)
    stack.attach()
    stack.stop()


def _status(asked: argparse.Namespace) -> int:
    folders = [instance(asked.name)] if asked.name else sorted(file.parent for file in HOME.glob("*/ports.json"))
    return 0 if [folder for folder in folders if _say_where(folder)] else 1


def _say_where(folder: Path) -> bool:
    stack = Stack(folder, detached=True)
    if not stack.attach():
        print(f"{folder.name}: not running")
        return False
    print(f"{folder.name}: PostgreSQL 127.0.0.1:{stack.port('postgres')} (process {stack.postgres_pid}), ", end="")
    print(f"Kafka {stack.bootstrap_servers} (process {stack.kafka_pid}), data in {folder}")
    return True


def _wipe(asked: argparse.Namespace) -> None:
    if not asked.all:
        Stack(instance(asked.name or "up")).wipe()
        return
    for folder in sorted(file.parent for file in HOME.glob("*/lock")):
        if not LockFile(folder / "lock").is_held():
            Stack(folder).wipe()


def _running(name: str | None) -> Stack:
    for candidate in [name] if name else DEFAULTS:
        stack = Stack(instance(candidate), detached=True)
        if stack.attach():
            return stack
    raise StackError("nothing runs here: start the system with `make demo`")


def _token(asked: argparse.Namespace) -> None:
    folder = _running(asked.name).folder
    issuer = Issuer(folder / "issuer")
    said = {"subject": asked.subject, "scope": asked.scope, "customer": asked.customer, "step_up": asked.step_up}
    print(issuer.token(asked.role, **said))


def _run(asked: argparse.Namespace) -> int:
    # Passwords go to the command in its environment, and nowhere else.
    environment = os.environ | _running(asked.name).environment(asked.service)
    return subprocess.call([sys.executable, "-m", asked.service, *asked.words], env=environment)


def _dead_letters(asked: argparse.Namespace) -> int:
    stack = _running(asked.name)
    services = [asked.service] if asked.service else SERVICES
    options = ["--replay", str(asked.replay)] if asked.replay else ["--after", str(asked.after)]
    environments = {service: stack.environment(service) for service in services}
    return ask_services(environments, [*options, "--limit", str(asked.limit)])


if __name__ == "__main__":
    sys.exit(main())
