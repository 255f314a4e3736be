"""The processes of one stack: started, written down, and ended, whatever happens to their parent.

A watcher process holds one end of a pipe. When the parent dies, even by kill -9, the pipe closes and the watcher ends
what is written down. Should the watcher be killed too, the next start finds the orphans by id and start time.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

import psutil

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Child:
    """One process by id and start time: an id alone may by now belong to somebody else."""

    name: str
    pid: int
    started: float
    stop_signal: int

    def process(self) -> psutil.Process | None:
        """The running process, or None when it ended (a zombie has ended)."""
        try:
            process = psutil.Process(self.pid)
            # The system's boot time, on which start times rest, moves by a second when its clock is set.
            same = abs(process.create_time() - self.started) < 3
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


@dataclass(frozen=True, slots=True)
class Account:
    """The user a process runs as when root starts it."""

    uid: int
    gid: int


class Processes:
    """Starts and ends the processes of one folder; `detached` ones outlive their parent."""

    def __init__(self, folder: Path, *, detached: bool = False) -> None:
        self._file = folder / "processes.json"
        self._detached = detached
        self._owner = uuid4().hex
        self._children: dict[str, Child] = {}
        self._popen: dict[str, subprocess.Popen[bytes]] = {}
        self._watcher: subprocess.Popen[bytes] | None = None

    def adopt(self) -> None:
        """Takes over what another process of ours started and left running."""
        _, children = read(self._file)
        self._children = {child.name: child for child in children}

    def end_orphans(self, *, abruptly: bool = False) -> None:
        """Ends what a killed parent left running, in the reverse order of starting; `abruptly` when no data matter."""
        _, children = read(self._file)
        for child in reversed(children):
            end(child, by=signal.SIGQUIT if abruptly else None, timeout=1 if abruptly else 20)
        self._write()

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        account: Account | None = None,
        folder: Path = PROJECT,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> int:
        """Starts a process in a session of its own, so that Ctrl-C reaches the parent alone; gives its id."""
        self._watch()
        user = {} if account is None else {"user": account.uid, "group": account.gid, "extra_groups": []}
        with log.open("ab") as output:
            popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if environment is None else dict(environment),
                cwd=folder,
                start_new_session=True,
                umask=0o077,
                **user,  # type: ignore[call-overload]
            )
        self._popen[name] = popen
        child = self._children[name] = Child(name, popen.pid, _started(popen.pid), int(stop_signal))
        self._write()
        return child.pid

    def pid(self, name: str) -> int | None:
        """The id of a running process, None when it ended."""
        child = self._children.get(name)
        if child is None or self._ended(name):
            return None
        process = child.process()
        return process.pid if process else None

    def names(self) -> list[str]:
        """Every process started here and not ended by us, running or not."""
        return list(self._children)

    def stop(self, name: str, *, by: signal.Signals | None = None, timeout: float = 30.0) -> None:
        """Ends a process by its own stop signal, or by `by`; by SIGKILL when it takes longer than `timeout`."""
        child = self._children.pop(name, None)
        if child is not None:
            end(child, by=by, timeout=timeout)
        popen = self._popen.pop(name, None)
        if popen is not None:
            popen.wait(timeout=5)
        self._write()

    def stop_all(self) -> None:
        """Ends everything, last started first, and the watcher."""
        for name in reversed(self.names()):
            self.stop(name)
        if self._watcher is not None and self._watcher.stdin is not None:
            self._watcher.stdin.close()
            self._watcher.wait(timeout=30)
            self._watcher = None

    def _ended(self, name: str) -> bool:
        popen = self._popen.get(name)
        return popen is not None and popen.poll() is not None

    def _watch(self) -> None:
        if self._detached or self._watcher is not None:
            return
        self._write()
        self._watcher = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.watcher", str(self._file), self._owner],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=PROJECT,
            start_new_session=True,
        )

    def _write(self) -> None:
        if not self._file.parent.is_dir():
            return
        text = json.dumps({"owner": self._owner, "children": [asdict(child) for child in self._children.values()]})
        draft = self._file.with_suffix(f".{os.getpid()}")
        draft.write_text(text)
        draft.replace(self._file)


def read(file: Path) -> tuple[str, list[Child]]:
    """Who owns the processes written down, and the processes in the order of starting."""
    try:
        content = json.loads(file.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return "", []
    return content["owner"], [Child(**child) for child in content["children"]]


def end(child: Child, *, by: signal.Signals | None = None, timeout: float) -> None:
    """Ends a process and waits until it is gone; what does not listen in time is killed."""
    for number, patience in ((by or child.stop_signal, timeout), (signal.SIGKILL, 10.0)):
        process = child.process()
        if process is None:
            return
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            return
        if _gone(child, patience):
            return


def _gone(child: Child, patience: float) -> bool:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if child.process() is None:
            return True
        time.sleep(0.02)
    return False


def _started(pid: int) -> float:
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return time.time()
