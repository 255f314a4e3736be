"""What must be there before anything is installed; each fault is one line that names the remedy."""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

GIB = 1024**3
LEAST_MEMORY = 3 * GIB
LEAST_DISK = 2 * GIB
OLDEST_GLIBC = (2, 28)
BUNDLE_KIND = "made-for"
MACHINES = {"linux": ("x86_64", "aarch64"), "darwin": ("x86_64", "arm64")}


def faults(project: Path) -> Iterator[str]:
    """Every fault of this machine, a line each; nothing when all is well."""
    yield from _platform_faults()
    yield from _bundle_faults(project / "bundle" / BUNDLE_KIND)
    memory = memory_limit()
    if memory < LEAST_MEMORY * 0.97:  # a machine sold with 3 GiB shows a little less
        yield f"{memory / GIB:.1f} GiB of memory is too little: 3 GiB is needed; give this machine or container more"
    free = shutil.disk_usage(project).free
    if free < LEAST_DISK:
        yield f"{free / GIB:.1f} GiB of disk is too little: 2 GiB is needed where {project} lies; free some"
    if not os.access(project, os.W_OK):
        yield f"{project} is not writable for you: use a checkout of your own"


def _platform_faults() -> Iterator[str]:
    machine = platform.machine()
    if machine not in MACHINES.get(sys.platform, ()):
        yield f"{sys.platform} on {machine} is not supported: use Linux (x86_64, aarch64), macOS, or containers"
    elif sys.platform == "linux":
        name, version = platform.libc_ver()
        if name != "glibc":
            yield "a Linux without glibc (Alpine, for one) is not supported: use Debian, Ubuntu, Fedora, or containers"
        elif tuple(int(part) for part in version.split(".")[:2]) < OLDEST_GLIBC:
            yield f"glibc {version} is too old: 2.28 or newer is needed (Debian 10, Ubuntu 20.04, RHEL 8)"


def this_kind() -> str:
    """What wheels must fit: platform and version of Python."""
    return f"{sys.platform} on {platform.machine()}, Python {sys.version_info.major}.{sys.version_info.minor}"


def _bundle_faults(file: Path) -> Iterator[str]:
    made_for = file.read_text().strip() if file.is_file() else this_kind()
    if made_for != this_kind():
        yield f"this bundle is for {made_for}, and here is {this_kind()}: use `make PYTHON=…`, or `make bundle` there"


def memory_limit(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """Bytes of memory of the machine, or of the container when that is less."""
    limit = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for file in (cgroup / "memory.max", cgroup / "memory" / "memory.limit_in_bytes"):
        text = file.read_text().strip() if file.is_file() else "max"
        if text.isdigit():
            limit = min(limit, int(text))
    return limit


def has_module(name: str) -> bool:
    """Whether this Python has the module; Debian packs ensurepip separately."""
    return importlib.util.find_spec(name) is not None


def system_pip_reaches_other_pythons() -> bool:
    """Whether this Python's own pip can install into a virtual environment that has none: since pip 22.3."""
    asked = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"pip (\d+)\.(\d+)", asked.stdout)
    return found is not None and (int(found[1]), int(found[2])) >= (22, 3)


def venv_remedy() -> str:
    """What to install where Python cannot make a virtual environment with pip."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"Python cannot make virtual environments here: `apt-get install python{version}-venv` (Debian, Ubuntu)"
