"""Nothing outlives its parent, however that ends, and a start after any end works."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from deploy.local.errors import StackError
from deploy.local.place import place_for
from deploy.local.processes import PROJECT, Child, Processes, read
from deploy.local.stack import Stack

# Under the strictest umask, as some systems set it for root.
PARENT = """
import os, sys, time
os.umask(0o077)
from pathlib import Path
from deploy.local.stack import Stack
stack = Stack(Path(sys.argv[1]), durable=False, topics=False)
stack.start(kafka=sys.argv[2] == "kafka")
print("up", flush=True)
time.sleep(600)
"""


def parent(folder: Path, *, kafka: bool = False) -> subprocess.Popen[str]:
    """A process that runs a stack and waits."""
    command = [sys.executable, "-c", PARENT, str(folder), "kafka" if kafka else "-"]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def children(folder: Path) -> list[Child]:
    _, found = read(folder / "processes.json")
    return running(found)


def running(found: list[Child]) -> list[Child]:
    """Those that run; in a container nobody may ever collect an orphan that ended, which leaves a zombie."""
    return [child for child in found if child.process()]


def wait_until_gone(found: list[Child]) -> bool:
    until = time.monotonic() + 30
    while running(found) and time.monotonic() < until:
        time.sleep(0.1)
    return not running(found)


def test_children_end_with_a_parent_that_is_killed_and_the_next_start_works(tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    victim = parent(folder, kafka=True)
    two = children(folder)
    assert len(two) == 2
    victim.kill()
    victim.wait()
    assert wait_until_gone(two)
    with Stack(folder, durable=False, topics=False) as again:
        assert again.run_sql("SELECT 1") == "1"
        assert again.kafka_pid is not None
    again.wipe()


def test_orphans_whose_watcher_was_killed_too_are_ended_by_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    victim = parent(folder)
    [watcher] = [p for p in psutil.Process(victim.pid).children() if "deploy.local.watcher" in p.cmdline()]
    orphans = children(folder)
    watcher.kill()
    victim.kill()
    victim.wait()
    time.sleep(0.5)
    assert orphans
    assert running(orphans) == orphans
    again = Stack(folder, durable=False, topics=False)
    again.start(kafka=False)
    assert not running(orphans)
    again.stop()
    again.wipe()


def test_what_was_committed_survives_a_crash_of_postgres(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "stack", topics=False)
    stack.start(kafka=False)
    try:
        stack.run_sql("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7);")
        before = stack.postgres_pid
        stack.restart_postgres("immediate")
        assert stack.run_sql("SELECT n FROM kept") == "7"
        assert stack.postgres_pid != before
    finally:
        stack.stop()
        stack.wipe()


def test_a_process_id_that_belongs_to_somebody_else_by_now_is_left_alone(tmp_path: Path) -> None:
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    stranger = f'{{"name": "postgres", "pid": {bystander.pid}, "started": 1.0, "stop_signal": {int(signal.SIGKILL)}}}'
    (tmp_path / "processes.json").write_text(f'{{"owner": "x", "children": [{stranger}]}}')
    Processes(tmp_path).end_orphans()
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    processes = Processes(tmp_path)
    log = tmp_path / "log"
    processes.start("deaf", [sys.executable, "-c", deaf], log=log)
    while "deaf" not in log.read_text():
        time.sleep(0.02)
    processes.stop("deaf", timeout=0.3)
    assert processes.pid("deaf") is None
    processes.stop_all()


@pytest.mark.parametrize("name", ["postgres", "kafka"])
def test_a_stack_that_cannot_start_leaves_nothing_running(tmp_path: Path, name: str) -> None:
    stack = Stack(tmp_path / "stack", durable=False, topics=False)
    stack.folder.mkdir()
    data, mark = {
        "postgres": (place_for(stack.folder).data, "PG_VERSION"),
        "kafka": (stack.folder / "kafka", "meta.properties"),
    }[name]
    data.mkdir(parents=True)
    (data / mark).write_text("broken\n")
    with pytest.raises(StackError, match="does not start"):
        stack.start()
    assert not children(stack.folder)
    stack.wipe()
