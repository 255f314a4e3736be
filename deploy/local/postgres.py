"""PostgreSQL from the binaries of a Python package: initdb once, then one postmaster on 127.0.0.1.

The package's own starter is not used: as root it opens parent folders to everybody, and it trusts every local user.
Here nobody gets in without a password, and no permission changes on a folder that is not ours.
"""

import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

from deploy.local.errors import StackError
from deploy.local.place import as_named_account, hand_over, make_home, place_for, remove_home
from deploy.local.processes import Processes
from deploy.local.psql import SUPERUSER

STOP_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "dynamic_shared_memory_type": "mmap",  # a container's /dev/shm is often 64 MB
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "checkpoint_timeout": "10min",
    "random_page_cost": "1.1",
    "jit": "off",  # compiling costs more than our short statements take
    "autovacuum_naptime": "15s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %d ",
    "log_error_verbosity": "terse",  # the DETAIL of an error quotes the row: personal data
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
}
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """One PostgreSQL server: `prepare`, `start`, `restart`; its process belongs to `processes`."""

    name = "postgres"

    def __init__(self, folder: Path, processes: Processes, *, durable: bool) -> None:
        self._folder = folder
        self._processes = processes
        self._durable = durable
        self._log = folder / "postgres.log"
        self.place = place_for(folder)

    def prepare(self, password: str) -> None:
        """Makes the data folder when there is none; a folder left by an interrupted initdb is made anew."""
        if self.place.account is not None:
            make_home(self.place, self._folder)
        if not (self.place.data / "PG_VERSION").exists():
            shutil.rmtree(self.place.data, ignore_errors=True)
            self._initdb(password)

    def _initdb(self, password: str) -> None:
        draft = self.place.data.with_name(f"initdb-{secrets.token_hex(4)}")
        draft.mkdir(mode=0o700)
        secret = draft.with_suffix(".password")
        secret.touch(mode=0o600)
        secret.write_text(password)
        user = {} if self.place.account is None else as_named_account(draft, secret)
        made = subprocess.run(
            [
                *(str(self.place.binaries / "initdb"), "-D", str(draft), "-U", SUPERUSER),
                *("--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--locale=C"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions"),
            ],
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            **user,  # type: ignore[call-overload]
        )
        secret.unlink()
        if made.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise StackError(f"PostgreSQL could not make its data folder: {made.stderr.strip() or made.stdout.strip()}")
        if self.place.account is not None:
            hand_over(draft, self.place.account)
        draft.rename(self.place.data)

    def start(self, port: int) -> int:
        """Starts the server, waits until it takes connections, and gives its process id."""
        settings = SETTINGS | {"port": str(port)} | ({} if self._durable else UNSAFE_BUT_FAST)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        (self.place.data / "postmaster.pid").unlink(missing_ok=True)
        pid = self._processes.start(
            self.name,
            [str(self.place.binaries / "postgres"), "-D", str(self.place.data), *options],
            log=self._log,
            environment={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            account=self.place.account,
            folder=Path("/"),
            stop_signal=STOP_SIGNALS["fast"],
        )
        self._wait_until_ready()
        return pid

    def stop(self, mode: str = "fast") -> None:
        """Ends the server; `immediate` is its crash: the next start recovers from the log."""
        self._processes.stop(self.name, by=STOP_SIGNALS[mode], timeout=60)

    def _wait_until_ready(self) -> None:
        status = self.place.data / "postmaster.pid"
        until = time.monotonic() + 120  # a recovery after a crash under load reads up to max_wal_size
        while time.monotonic() < until:
            if self._processes.pid(self.name) is None:
                break
            try:
                if status.read_text().splitlines()[7].strip() == "ready":
                    return
            except (FileNotFoundError, IndexError):
                pass
            time.sleep(0.02)
        last_words = "; ".join(self._log.read_text(errors="replace").splitlines()[-3:])
        raise StackError(f"PostgreSQL does not start: {last_words} (whole log: {self._log})")

    def wipe(self) -> None:
        """Removes the data and, as root, the copied binaries."""
        shutil.rmtree(self.place.data, ignore_errors=True)
        remove_home(self.place)
