"""The same ground for all candidates: one stack, a fresh database each, each candidate a process of its own."""

import asyncio
import os
import subprocess
import sys
from importlib import import_module
from statistics import median
from uuid import uuid4

from rich.console import Console
from rich.table import Table

from deploy.local.databases import create_database, rights_inside
from deploy.local.processes import PROJECT
from deploy.local.stack import Stack, every_topic
from rapport.composition import Composition
from rapport.events import catalogue
from rapport.messaging.topics import TopicSettings, create_topics

CONSOLE = Console(width=110)
SERVICE = "scoring"


class Ground:
    """A running stack and what candidates need of it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    def topics(self, *names: str, settings: TopicSettings | None = None) -> str:
        """Fresh topics, all there are without names; gives their prefix. `settings`: what is otherwise in all."""
        prefix = f"b{uuid4().hex[:6]}."
        known = every_topic()
        wanted = {name: {**known.get(name, {}), **(settings or {})} for name in names or known}
        asyncio.run(create_topics(self.stack.bootstrap_servers, wanted, prefix=prefix))
        return prefix

    def topics_of(self, service: str, *, settings: TopicSettings | None = None) -> str:
        """Fresh topics, all that a service hears and tells; gives their prefix."""
        configured = import_module(f"{service}.settings").Settings(
            database={"url": self.stack.database_url(service)},
            kafka={"bootstrap_servers": self.stack.bootstrap_servers},
            auth={"issuer": "https://nowhere", "jwks": "https://nowhere/keys"},
            encryption={"key_file": self.stack.encryption_key_file},
            hold_out={"key_file": self.stack.hold_out_key_file},
        )
        composition: Composition = import_module(f"{service}.main").compose(configured)
        heard = {event.name for event in composition.subscriptions}
        tells = (event for event in catalogue.topics() if composition.name in {event.producer, *event.also_told_by})
        names = heard | {event.name for event in tells} | {f"{composition.name}.dead-letter"}
        return self.topics(*names, settings=settings)

    def database(self, service: str = SERVICE) -> str:
        """A fresh database of a service, without tables; gives its name."""
        name = f"bench_{uuid4().hex[:8]}"
        self.stack.run_sql(f"{create_database(name, service)}\n\\connect {name}\n{rights_inside(service)}")
        return name

    def scoring(self, prefix: str, **settings: str) -> dict[str, str]:
        """A migrated scoring over a fresh database: the environment to run it in."""
        return self.service(SERVICE, prefix, **settings)

    def service(self, name: str, prefix: str, *, database: str | None = None, **settings: str) -> dict[str, str]:
        """The same for any service, over this database or a fresh one."""
        environment = dict(os.environ) | self.stack.environment(name, database=database or self.database(name))
        groups = {"KAFKA__TOPIC_PREFIX": prefix, "TELEMETRY__LOG_LEVEL": "ERROR"} | settings
        environment |= {f"{name.upper()}_{group}": value for group, value in groups.items()}
        subprocess.run([sys.executable, "-m", name, "migrate"], env=environment, check=True, cwd=PROJECT)
        return environment

    def run(self, module: str, *arguments: str, environment: dict[str, str] | None = None) -> float:
        """Run a candidate to its end; gives the number it prints."""
        command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, cwd=PROJECT, timeout=600
        )
        if done.returncode != 0:
            raise SystemExit(f"benchmarks.{module} failed:\n{done.stderr[-2000:]}")
        return float(done.stdout.strip().splitlines()[-1])


def verdict(name: str, reached: float, goal: float, *, at_least: bool = True) -> tuple[str, str, str, str]:
    """A row: what was reached beside the goal, and whether that is enough."""
    is_met = reached >= goal if at_least else reached <= goal
    sign = "≥" if at_least else "≤"
    return name, f"{reached:,.2f}", f"{sign} {goal:g}", "[green]met[/]" if is_met else "[red]missed[/]"


def table(title: str, *columns: str) -> Table:
    """A plain table; all but the first column are numbers."""
    made = Table(title=title, box=None, title_justify="left", pad_edge=False, min_width=78)
    for position, column in enumerate(columns):
        made.add_column(column, justify="left" if position == 0 else "right")
    return made


def middle(values: list[float]) -> float:
    """The median: single runs on a shared machine say little."""
    return median(values)
