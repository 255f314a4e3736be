"""Packs the project for a machine without package registries: `make bundle`, and there `make demo`.

The bundle holds the tracked files, every wheel of requirements.lock for this platform and this Python, and Kafka's
jars. Installing from it checks the same hashes as installing from a registry.
"""

import argparse
import platform
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.bootstrap.checks import BUNDLE_KIND, this_kind
from deploy.local import jars
from deploy.local.errors import StackError
from deploy.local.processes import PROJECT

NOTE = """\
Rapport, packed for {kind}.

On a machine of that kind, with make and that version of Python, and without any network:

    tar xzf {name}.tar.gz && cd {name}
    make demo        # installs from this folder, then runs the whole system
    make test        # the same tests as everywhere

Nothing is downloaded. Every wheel and jar is checked against the hashes in requirements.lock and
deploy/local/kafka.lock.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Makes dist/rapport-<platform>-py<version>.tar.gz and prints where it is."""
    parser = argparse.ArgumentParser(prog="python -m deploy.bundle", description=__doc__)
    parser.add_argument("--to", type=Path, default=PROJECT / "dist", help="folder for the bundle")
    folder: Path = parser.parse_args(arguments).to
    system = f"{platform.system().lower()}-{platform.machine()}"
    name = f"rapport-{system}-py{sys.version_info.major}{sys.version_info.minor}"
    tracked = _tracked()
    with TemporaryDirectory() as work:
        content = Path(work)
        _gather(content, name)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{name}.tar.gz"
        draft = file.with_suffix(".part")
        with tarfile.open(draft, "w:gz", compresslevel=1) as archive:  # wheels and jars are compressed already
            for source in tracked:
                archive.add(PROJECT / source, f"{name}/{source}", recursive=False)
            archive.add(content, f"{name}/bundle")
        draft.replace(file)
    print(f"{file} ({file.stat().st_size / 2**20:.0f} MiB)")
    return 0


def _tracked() -> list[str]:
    """What git tracks and nothing else: secrets, local data and git's own files lie beside it."""
    if shutil.which("git") is None:
        raise SystemExit("git is missing: a bundle holds what git tracks; install git")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=False)
    names = [name for name in listed.stdout.split("\0") if name and (PROJECT / name).exists()]
    if not names:
        reason = listed.stderr.strip().partition("\n")[0] or "git tracks nothing here"
        raise SystemExit(f"a bundle is made from a git checkout: {reason}")
    return names


def _gather(content: Path, name: str) -> None:
    jars.classpath()  # fails in one line where the installation is not complete
    lock = str(PROJECT / "requirements.lock")
    options = ("--disable-pip-version-check", "--require-hashes", "--only-binary=:all:", "--no-deps")
    wheels = [sys.executable, "-m", "pip", "download", "-q", *options, "-r", lock, "-d", str(content / "wheels")]
    if subprocess.run(wheels, check=False).returncode != 0:
        raise SystemExit("the wheels cannot be had: see pip's words above")
    (content / "kafka").mkdir()
    for jar in jars.locked():
        shutil.copy(jars.FOLDER / jar.name, content / "kafka")
    (content / BUNDLE_KIND).write_text(f"{this_kind()}\n")
    (content / "INSTALL.txt").write_text(NOTE.format(kind=this_kind(), name=name))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except StackError as refusal:
        sys.exit(str(refusal))
