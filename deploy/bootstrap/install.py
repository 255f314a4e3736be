"""Installs everything the project needs into .venv and .local, by pip itself: the user's own pip settings hold.

A stamp of all that was installed makes the next call return at once.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.bootstrap.checks import faults, has_module, system_pip_reaches_other_pythons, venv_remedy
from deploy.bootstrap.progress import Progress

PROJECT = Path(__file__).resolve().parents[2]
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "rapport-installed"
HOME = PROJECT / ".local"
LOG = HOME / "install.log"
LOCK = PROJECT / "requirements.lock"
JARS = PROJECT / "deploy" / "local" / "kafka.lock"
BUNDLE = PROJECT / "bundle"
# Such settings of the user are meant for other installations and would put packages elsewhere.
FOREIGN = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")


class InstallFailed(Exception):
    """One line that says what failed and what to do; `code` is the exit code."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


def members() -> list[Path]:
    """The packages of this repository that are installed in place."""
    folders = [PROJECT / "shared", *sorted((PROJECT / "services").glob("*"))]
    return [folder for folder in folders if (folder / "pyproject.toml").is_file()]


def fingerprint() -> str:
    """Changes whenever an installation is due: other versions, members, Python, or another place of the checkout."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {PROJECT}".encode())
    for file in (LOCK, JARS, *(folder / "pyproject.toml" for folder in members())):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_complete() -> bool:
    """Whether everything of this fingerprint is installed and still there."""
    names = re.findall(r"([^/\s]+\.jar) ", JARS.read_text())
    stamped = STAMP.is_file() and STAMP.read_text() == fingerprint()
    return stamped and PYTHON.exists() and all((HOME / "kafka" / name).is_file() for name in names)


def run() -> int:
    """Checks and installs; returns the exit code."""
    found = list(faults(PROJECT))
    if found:
        print("\n".join(found), file=sys.stderr)
        return 2
    if is_complete():
        return 0
    progress = Progress(total=100)
    try:
        HOME.mkdir(exist_ok=True)
        with _alone():
            if not is_complete():
                _install(progress)
    except InstallFailed as failure:
        progress.clear()
        print(failure, file=sys.stderr)
        return failure.code
    return 0


def _install(progress: Progress) -> None:
    began = time.monotonic()
    LOG.write_bytes(b"")
    STAMP.unlink(missing_ok=True)
    progress.step("a virtual environment", 3)
    pip = _make_venv()
    progress.step("libraries", 60)
    wanted = len(re.findall(r"^[a-z0-9]\S*==", LOCK.read_text(), re.MULTILINE))
    _run([*pip, "--require-hashes", "--only-binary=:all:", "-r", str(LOCK)], _counting(progress, wanted))
    progress.step("the services", 7)
    editable = [part for folder in members() for part in ("-e", str(folder))]
    compatible = ("--config-settings", "editable_mode=compat")
    _run([*pip, "--no-deps", "--no-build-isolation", *compatible, *editable])
    progress.step("Kafka", 15)
    _run([str(PYTHON), "-m", "deploy.local.download"], _fractions(progress))
    progress.step("an image of Kafka's classes", 15)
    _run([str(PYTHON), "-m", "deploy.local.class_image"])
    STAMP.write_text(fingerprint())
    progress.finish(f"installed in {time.monotonic() - began:.0f} s")


def _make_venv() -> list[str]:
    """Makes .venv where there is none for this Python; gives the command that installs into it."""
    options = [
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--progress-bar=off",
        "--root-user-action=ignore",
    ]
    if BUNDLE.is_dir():
        options += ["--no-index", f"--find-links={BUNDLE / 'wheels'}"]
    if not _fits():
        shutil.rmtree(VENV, ignore_errors=True)
        _run([sys.executable, "-m", "venv", *([] if has_module("ensurepip") else ["--without-pip"]), str(VENV)])
    if any(VENV.glob("lib/python*/site-packages/pip/__main__.py")):
        return [str(PYTHON), "-m", "pip", *options]
    bundled = next(BUNDLE.glob("wheels/pip-*.whl"), None)
    if bundled is not None:
        return [str(PYTHON), f"{bundled}/pip", *options]
    if system_pip_reaches_other_pythons():
        return [sys.executable, "-m", "pip", "--python", str(PYTHON), *options]
    shutil.rmtree(VENV, ignore_errors=True)
    raise InstallFailed(venv_remedy(), code=2)


def _fits() -> bool:
    version = "import sys; print(sys.version_info[:2], sys.prefix)"
    if not PYTHON.exists():
        return False
    answer = subprocess.run([str(PYTHON), "-c", version], capture_output=True, text=True, check=False).stdout.strip()
    return answer == f"{sys.version_info[:2]} {VENV}"


def _run(command: list[str], on_line: Callable[[str], None] = lambda _: None) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    environment |= {"PIP_USER": "0", "PYTHONUNBUFFERED": "1"}
    with (
        LOG.open("a") as log,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd=PROJECT,
            env=environment,
        ) as process,
    ):
        assert process.stdout is not None
        last = ""
        for line in process.stdout:
            log.write(line)
            on_line(line)
            if line.strip() and not line.startswith(("WARNING", "[notice]")):
                last = line.strip()
    if process.returncode != 0:
        errors = [line for line in LOG.read_text(errors="replace").splitlines() if line.startswith("ERROR: ")]
        cause = errors[0] if errors else last
        raise InstallFailed(f"the installation failed: {cause} (see {LOG}; pip's own settings: `pip config list`)")


def _counting(progress: Progress, wanted: int) -> Callable[[str], None]:
    """Follows pip: a package is half done when it is collected; all are installed in one go at the end."""
    seen = 0

    def follow(line: str) -> None:
        nonlocal seen
        found = re.match(r"(Collecting|Requirement already satisfied:|Ignoring) (\S+?)[=~<>:;\[ ]", line)
        if found:
            seen += 1
            progress.part(seen * 3, wanted * 4, found[2])
        elif line.startswith("Installing collected"):
            progress.part(wanted * 3, wanted * 4, "being unpacked")

    return follow


def _fractions(progress: Progress) -> Callable[[str], None]:
    def follow(line: str) -> None:
        found = re.fullmatch(r"(\d+)/(\d+)\s*", line)
        if found:
            progress.part(int(found[1]), int(found[2]))

    return follow


@contextmanager
def _alone() -> Iterator[None]:
    """Two installations at once: the second waits, and then finds everything done."""
    with (HOME / "install.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
