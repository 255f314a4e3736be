"""A bundle is what git tracks, the locked wheels and the locked jars; nothing else of the folder leaves the machine."""

import hashlib
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from deploy.bootstrap.checks import BUNDLE_KIND, this_kind

PROJECT = Path(__file__).parents[2]
WHEEL, JAR = "tiny-1.0-py3-none-any.whl", "small-1.0.jar"
SECRET = "not-for-anybody-else"
UNTRACKED = (
    ".env",
    ".git/config",
    ".local/demo/passwords.json",
    ".local/demo/encryption.key",
    ".venv/pip.conf",
    "dist/old.tar.gz",
    "bundle/wheels/old.whl",
    "deploy/__pycache__/bundle.pyc",
    "notes.txt",
)

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is missing: bundles are made where it is")


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """A folder of wheels, as a registry would have them."""
    folder = tmp_path / "index"
    folder.mkdir()
    with zipfile.ZipFile(folder / WHEEL, "w") as wheel:
        wheel.writestr("tiny.py", "")
        wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("tiny-1.0.dist-info/RECORD", "")
    return folder


@pytest.fixture
def checkout(tmp_path: Path, index: Path) -> Path:
    """A small checkout of this project with one library and one jar, and secrets and local data beside them."""
    folder = tmp_path / "checkout"
    shutil.copytree(PROJECT / "deploy", folder / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / ".gitignore", folder)
    (folder / ".local" / "kafka").mkdir(parents=True)
    (folder / ".local" / "kafka" / JAR).write_bytes(b"a small jar")
    jar = digest(folder / ".local" / "kafka" / JAR)
    (folder / "deploy" / "local" / "kafka.lock").write_text(f"org/example/small/1.0/{JAR} {jar}\n")
    (folder / "requirements.lock").write_text(f"tiny==1.0 \\\n    --hash=sha256:{digest(index / WHEEL)}\n")
    (folder / "run me 运行.sh").write_text("#!/bin/sh\n")
    (folder / "run me 运行.sh").chmod(0o755)
    (folder / "gone.txt").write_text("tracked, and removed since\n")
    for command in (["git", "init", "-q"], ["git", "add", "-A"]):
        subprocess.run(command, cwd=folder, check=True)
    (folder / "gone.txt").unlink()
    for name in UNTRACKED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with (folder / name).open("a") as file:
            file.write(f"# {SECRET}\n")
    return folder


def bundle(
    checkout: Path, index: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index), "PIP_CONFIG_FILE": os.devnull}
    return subprocess.run(
        [sys.executable, "-m", "deploy.bundle", "--to", "out"],
        cwd=checkout,
        env={**os.environ, **settings, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def unpacked(checkout: Path, index: Path, to: Path) -> Path:
    """The one folder that the bundle unpacks to."""
    done = bundle(checkout, index)
    assert done.returncode == 0, done.stderr
    [file] = (checkout / "out").iterdir()
    assert done.stdout.startswith(str(Path("out") / file.name))
    to.mkdir(exist_ok=True)
    subprocess.run(["tar", "-xzf", file, "-C", to], check=True)
    [folder] = to.iterdir()
    assert file.name == f"{folder.name}.tar.gz"
    return folder


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_bundle_unpacks_to_the_tracked_files_as_they_are_and_to_what_an_installation_needs(
    checkout: Path, index: Path, tmp_path: Path
) -> None:
    folder = unpacked(checkout, index, tmp_path / "unpacked")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=checkout, capture_output=True, text=True, check=True).stdout
    tracked = set(listed.split("\0")) - {"", "gone.txt"}
    assert "run me 运行.sh" in tracked
    for name in tracked:
        assert (folder / name).read_bytes() == (checkout / name).read_bytes()
        assert stat.S_IMODE((folder / name).stat().st_mode) & stat.S_IXUSR == (checkout / name).stat().st_mode & 0o100
    needed = {BUNDLE_KIND, "INSTALL.txt", f"wheels/{WHEEL}", f"kafka/{JAR}"}
    assert files(folder) == tracked | {f"bundle/{name}" for name in needed}
    assert digest(folder / "bundle" / "wheels" / WHEEL) == digest(index / WHEEL)
    assert (folder / "bundle" / BUNDLE_KIND).read_text() == f"{this_kind()}\n"


def test_no_secret_no_local_data_and_nothing_of_git_goes_into_a_bundle(
    checkout: Path, index: Path, tmp_path: Path
) -> None:
    assert all(SECRET in (checkout / name).read_text() for name in UNTRACKED)
    folder = unpacked(checkout, index, tmp_path / "unpacked")
    assert not files(folder) & set(UNTRACKED)
    assert not [name for name in files(folder) if SECRET.encode() in (folder / name).read_bytes()]


def test_kafka_is_installed_from_the_bundle_without_a_network(checkout: Path, index: Path, tmp_path: Path) -> None:
    folder = unpacked(checkout, index, tmp_path / "unpacked")
    nowhere = {"HOME": str(tmp_path), "RAPPORT_MAVEN_REPOSITORY": "http://127.0.0.1:9"}
    command = [sys.executable, "-m", "deploy.local.download"]
    subprocess.run(command, cwd=folder, env={**os.environ, **nowhere}, capture_output=True, check=True)
    assert (folder / ".local" / "kafka" / JAR).read_bytes() == b"a small jar"


def _changed(checkout: Path, index: Path) -> None:
    with zipfile.ZipFile(index / WHEEL, "a") as wheel:
        wheel.writestr("more.py", "")


def _unpinned(checkout: Path, index: Path) -> None:
    (checkout / "requirements.lock").write_text("tiny==1.0\n")


@pytest.mark.parametrize("spoil", [_changed, _unpinned])
def test_a_wheel_that_is_not_what_the_lock_says_is_not_packed(
    checkout: Path, index: Path, spoil: Callable[[Path, Path], None]
) -> None:
    spoil(checkout, index)
    done = bundle(checkout, index)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "the wheels cannot be had: see pip's words above"
    assert not (checkout / "out").exists()


def test_a_folder_that_is_no_checkout_is_one_line(checkout: Path, index: Path, tmp_path: Path) -> None:
    shutil.rmtree(checkout / ".git")
    alone = bundle(checkout, index, {"GIT_CEILING_DIRECTORIES": str(tmp_path)})
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    inside_another = bundle(checkout, index)
    for done in (alone, inside_another):
        assert (done.returncode, done.stdout) == (1, "")
        [line] = done.stderr.splitlines()
        assert line.startswith("a bundle is made from a git checkout: ")


def test_a_missing_git_is_one_line_that_names_the_remedy(checkout: Path, index: Path) -> None:
    done = bundle(checkout, index, {"PATH": ""})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "git is missing: a bundle holds what git tracks; install git\n"


def test_an_installation_without_kafka_is_one_line_that_names_the_remedy(checkout: Path, index: Path) -> None:
    (checkout / ".local" / "kafka" / JAR).unlink()
    done = bundle(checkout, index)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "1 of Kafka's files are missing: run `make install`\n"
