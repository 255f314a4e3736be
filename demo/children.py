"""The four services as processes of the demo: migrated, started, asked whether they are ready."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import httpx

from deploy.local.databases import SERVICES
from deploy.local.errors import StackError
from deploy.local.ports import port_for
from deploy.local.stack import Stack

API_PORTS = {"customer_profile": 8101, "scoring": 8102, "churn_alert": 8103, "feedback": 8104}
_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Served:
    """Where a running service answers: its API, and its health and metrics."""

    package: str
    name: str
    api: str
    operations: str


class Services:
    """The four services over one stack, each one process with its API and its worker."""

    def __init__(self, stack: Stack, *, currency: str) -> None:
        self._stack = stack
        self._currency = currency
        self._environments: dict[str, dict[str, str]] = {}
        self.served: dict[str, Served] = {}

    def migrate(self) -> None:
        """Bring the databases up to date and write where reading begins, all four at once.

        Raises StackError with the service's own words.
        """
        for package in SERVICES:
            self._prepare(package)
        with ThreadPoolExecutor() as threads:
            for refusal in threads.map(self._migrate, SERVICES):
                if refusal is not None:
                    raise StackError(refusal)

    def _migrate(self, package: str) -> str | None:
        command = [sys.executable, "-m", package, "migrate"]
        done = subprocess.run(command, env=self._environments[package], capture_output=True, text=True, check=False)
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        return None if done.returncode == 0 else f"{package} could not be migrated: {last}"

    def _prepare(self, package: str) -> None:
        api = _free_or_another(API_PORTS[package])
        operations = port_for("operations", None, option="")
        settings = {
            "TIME__MODE": "stream",
            "API__PORT": str(api),
            "API__DOCS": "true",
            "OPERATIONS__PORT": str(operations),
            "TELEMETRY__LOG_LEVEL": "WARNING",
            "BANK__CURRENCY": self._currency,
        }
        prefix = package.upper()
        own = {f"{prefix}_{name}": value for name, value in settings.items()}
        self._environments[package] = dict(os.environ) | self._stack.environment(package) | own
        name = package.replace("_", "-")
        self.served[package] = Served(package, name, f"http://127.0.0.1:{api}", f"http://127.0.0.1:{operations}")

    def start(self) -> None:
        """Start all, then wait until each says it is ready."""
        for package in SERVICES:
            self._stack.processes.start(
                package,
                [sys.executable, "-m", package, "all"],
                log=self.log_of(package),
                environment=self._environments[package],
            )
        until = monotonic() + _START_SECONDS
        for package in SERVICES:
            self._wait_for(package, until)

    def _wait_for(self, package: str, until: float) -> None:
        while monotonic() < until:
            if self._stack.processes.pid(package) is None:
                break
            try:
                if httpx.get(f"{self.served[package].operations}/health/ready", timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            sleep(0.1)
        raise StackError(f"{package} did not become ready; its log: {self.log_of(package)}")

    def dead(self) -> list[str]:
        """Services that ended though nobody asked them to."""
        return [package for package in self.served if self._stack.processes.pid(package) is None]

    def log_of(self, package: str) -> Path:
        """The file a service writes its log to."""
        return self._stack.folder / f"{package}.log"

    def token(self, role: str, subject: str | None = None) -> str:
        """An access token of the demo's own issuer, for a role and whoever the subject is."""
        return self._stack.issuer.token([role], subject=subject)


def _free_or_another(port: int) -> int:
    try:
        return port_for("API", port, option="")
    except StackError:
        return port_for("API", None, option="")
