"""The first command on a bare machine: a missing prerequisite is one line with its remedy."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.bootstrap import checks, install
from deploy.bootstrap.checks import BUNDLE_KIND, GIB, faults, memory_limit, this_kind

PROJECT = Path(__file__).parents[2]


def test_a_python_too_old_to_run_the_rest_can_read_the_first_file() -> None:
    for name in ("deploy/__init__.py", "deploy/bootstrap/__init__.py", "deploy/bootstrap/__main__.py"):
        ast.parse((PROJECT / name).read_text(), feature_version=(3, 5))


def test_an_old_python_is_one_line_that_names_the_remedy() -> None:
    pretend = "import sys, runpy; sys.version_info = (3, 9); runpy.run_module('deploy.bootstrap', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", pretend], cwd=PROJECT, env={"PATH": ""}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.splitlines() == [
        "Python 3.11 or newer is needed, this is 3.9: install it, or name one with `make PYTHON=/path/to/python3.11 …`"
    ]


def test_an_old_python_hands_over_to_a_newer_one_when_there_is_one(tmp_path: Path) -> None:
    newer = tmp_path / "python3.12"
    newer.write_text("#!/bin/sh\necho handed over: $*\n")
    newer.chmod(0o755)
    pretend = "import sys, runpy; sys.version_info = (3, 9); runpy.run_module('deploy.bootstrap', run_name='__main__')"
    path = {"PATH": f"{tmp_path}:/bin:/usr/bin"}
    done = subprocess.run(
        [sys.executable, "-c", pretend], cwd=PROJECT, env=path, capture_output=True, text=True, check=False
    )
    assert done.stdout == "handed over: -m deploy.bootstrap\n"


def test_a_missing_python_is_one_line() -> None:
    make = shutil.which("make")
    assert make
    done = subprocess.run(
        [make, "install", "PYTHON=python-absent"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "python-absent is missing: install Python 3.11 or newer" in done.stderr


def test_this_machine_has_no_fault(tmp_path: Path) -> None:
    assert list(faults(tmp_path)) == []


def test_the_memory_of_a_container_counts_when_it_is_less_than_the_machines(tmp_path: Path) -> None:
    whole = memory_limit(tmp_path)
    (tmp_path / "memory.max").write_text("1073741824\n")
    assert memory_limit(tmp_path) == GIB < whole
    (tmp_path / "memory.max").write_text("max\n")
    assert memory_limit(tmp_path) == whole


def test_too_little_memory_and_disk_are_one_line_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "LEAST_MEMORY", 2**60)
    monkeypatch.setattr(checks, "LEAST_DISK", 2**60)
    memory, disk = faults(tmp_path)
    assert "GiB of memory is too little: 3 GiB is needed" in memory
    assert "GiB of disk is too little: 2 GiB is needed" in disk


def test_a_bundle_for_another_machine_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / BUNDLE_KIND).write_text("linux on aarch64, Python 3.14\n")
    [line] = faults(tmp_path)
    assert line.startswith("this bundle is for linux on aarch64, Python 3.14, and here is ")
    (tmp_path / "bundle" / BUNDLE_KIND).write_text(f"{this_kind()}\n")
    assert list(faults(tmp_path)) == []


def test_the_remedy_for_a_python_without_venv_names_the_package() -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"`apt-get install python{version}-venv`" in checks.venv_remedy()


def test_an_installation_is_done_again_when_a_lock_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("one==1\n")
    monkeypatch.setattr(install, "LOCK", lock)
    before = install.fingerprint()
    assert install.fingerprint() == before
    lock.write_text("one==2\n")
    assert install.fingerprint() != before


def test_progress_without_a_terminal_is_plain_lines() -> None:
    script = (
        "from deploy.bootstrap.progress import Progress as P; p = P(10); p.step('a', 5); p.part(1, 2); p.finish('done')"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout == "installing: a\ndone\n"


def test_a_failed_installation_is_one_line_with_pips_own_reason(tmp_path: Path) -> None:
    copy = tmp_path / "checkout"
    shutil.copytree(PROJECT / "deploy", copy / "deploy")
    (copy / "requirements.lock").write_text(f"no-such-package==1.0 \\\n    --hash=sha256:{'0' * 64}\n")
    (copy / "bundle" / "wheels").mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-m", "deploy.bootstrap"],
        cwd=copy,
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("the installation failed: ERROR: Could not find a version that satisfies")


def test_make_alone_lists_every_target_with_a_line() -> None:
    listed = subprocess.run(["make"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    makefile = (PROJECT / "Makefile").read_text()
    targets = next(line for line in makefile.splitlines() if line.startswith(".PHONY: ")).split()[1:]
    assert {line.split()[0] for line in listed.splitlines()[1:]} == set(targets)
