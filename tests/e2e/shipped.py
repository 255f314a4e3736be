"""Services as they are shipped, each api and worker in one process, with every log and every trace kept."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.local.ports import free_port
from deploy.local.processes import PROJECT, Processes
from deploy.local.stack import Stack
from tests.e2e.system import PARTITIONS
from tests.support.collector import Collector
from tests.support.stack import FreshDatabase

_PATIENCE = 180
"""Seconds that tell a system that hangs from a machine that is busy."""


@dataclass(frozen=True, slots=True)
class Served:
    """A service as it is shipped, api and worker in one process. `metrics`: where its figures are."""

    api: str
    metrics: str
    database: str


@dataclass(slots=True)
class Bank:
    """Four of them, with all logs and all traces kept."""

    stack: Stack
    prefix: str
    logs: Path
    collector: Collector
    headers: dict[str, str]
    services: dict[str, Served]

    def start(self, name: str, database: FreshDatabase, processes: Processes) -> None:
        api, operations = free_port(), free_port()
        settings = {
            "KAFKA__TOPIC_PREFIX": self.prefix,
            "KAFKA__PARTITIONS": str(PARTITIONS),
            "API__PORT": str(api),
            "API__REQUESTS_PER_SECOND": "10000",
            "API__BURST": "10000",
            "OPERATIONS__PORT": str(operations),
            "TELEMETRY__LOG_LEVEL": "DEBUG",
            "TELEMETRY__OTLP_ENDPOINT": self.collector.endpoint,
        }
        environment = dict(os.environ) | self.stack.environment(name, database=database.name)
        environment |= {f"{name.upper()}_{key}": value for key, value in settings.items()}
        subprocess.run([sys.executable, "-m", name, "migrate"], env=environment, cwd=PROJECT, check=True)
        command = [sys.executable, "-m", name, "all"]
        processes.start(name, command, log=self.logs / name, environment=environment)
        addresses = [f"http://127.0.0.1:{port}" for port in (api, operations)]
        self.services[name] = Served(*addresses, database.name)

    def client(self, name: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.services[name].api, headers=self.headers, timeout=30)

    def rows(self, database: str, sql: str) -> str:
        return self.stack.run_sql(sql, database=database)


async def until(reached: Callable[[], Awaitable[bool]], what: str) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not await reached():
            await asyncio.sleep(0.3)
    assert what


async def ready(bank: Bank) -> None:
    for name in bank.services:
        async with bank.client(name) as api:

            async def answers(api: httpx.AsyncClient = api) -> bool:
                try:
                    return (await api.get("/health/ready")).status_code == 200
                except httpx.TransportError:
                    return False

            await until(answers, f"{name} is ready")
