"""A process given another key under a version that was in use does nothing at all, and says which file it is."""

import argparse
import base64
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from subprocess import PIPE, STDOUT
from typing import Any

import asyncpg
import pytest
import uvloop
from rich.progress import Progress

from customer_profile.adapter.mappings import EXAMPLES
from customer_profile.adapter_commands import RECONCILE
from rapport.composition import Composition, Runtime
from rapport.key_commands import KEY_COMMANDS, no_options, with_bar
from rapport.service import Command, run
from rapport.settings import ServiceSettings
from tests.support.serving import SUBJECTS, Subject
from tests.support.stack import FreshDatabase
from tests.support.tokens import ISSUER

FILES = [(package, "ENCRYPTION__KEY_FILE", "key") for package in SUBJECTS] + [
    ("customer_profile", "LOOK_UP__KEY_FILE", "look-up-key"),
    ("customer_profile", "ADAPTER__TOKEN_KEY_FILE", "token-key"),
]
LASTING = [file for file in FILES if file[2] != "token-key"]
"""Those that may hold several versions."""


def line(version: int, letter: bytes) -> str:
    return f"{version}:{base64.b64encode(letter * 32).decode()}\n"


def begun(composition: Composition, settings: ServiceSettings, _: argparse.Namespace) -> None:
    """Work with the keys that is done at once."""

    async def work(_: Runtime, progress: Progress) -> None:
        progress.console.print("begun")

    with_bar(composition, settings, work, role="test")


BEGIN: Command[Any] = Command("begin", "work with the keys", no_options, begun)


@dataclass(frozen=True, slots=True)
class Program:
    """A service's program over a database and a folder of key files."""

    subject: Subject
    database: FreshDatabase
    folder: Path

    def __call__(self, *arguments: str) -> int:
        settings = import_module(f"{self.subject.package}.settings").Settings
        return run(settings, self.subject.compose, arguments, commands=[BEGIN, RECONCILE, *KEY_COMMANDS])

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        async def ask() -> list[tuple[Any, ...]]:
            connection = await asyncpg.connect(self.database.owner_url.replace("+asyncpg", ""))
            try:
                await connection.execute("SELECT set_config('rapport.sight', 'all', false)")
                return [tuple(row) for row in await connection.fetch(statement)]
            finally:
                await connection.close()

        return uvloop.run(ask())

    def marks(self) -> dict[tuple[str, int], bytes]:
        return {(name, version): digest for name, version, digest in self.rows(_MARKS)}

    def everything(self) -> list[tuple[Any, ...]]:
        """How many rows each table has."""
        return self.rows(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for (name,) in self.rows(_TABLES)))


_MARKS = "SELECT name, version, digest FROM key_checks"
_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type ~ 'BASE'"


@pytest.fixture
def program_of(
    fresh_database: Callable[..., FreshDatabase], key_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Program]:
    """The program of a service, in an environment that names all its files of keys."""

    def make(package: str) -> Program:
        database = fresh_database(package)
        for number, name in enumerate(("key", "look-up-key", "token-key")):
            (key_folder / name).write_text(line(1, b"abc"[number : number + 1]))
        for name, value in {
            "DATABASE__URL": database.url,
            "KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:1",
            "AUTH__ISSUER": ISSUER,
            "AUTH__JWKS": str(key_folder / "jwks.json"),
            "ENCRYPTION__KEY_FILE": str(key_folder / "key"),
            "LOOK_UP__KEY_FILE": str(key_folder / "look-up-key"),
            "HOLD_OUT__KEY_FILE": str(key_folder / "hold-out-key"),
            "ADAPTER__FOLDER": str(EXAMPLES),
            "ADAPTER__TOKEN_KEY_FILE": str(key_folder / "token-key"),
            "OPERATIONS__PORT": "0",
            "API__PORT": "0",
        }.items():
            monkeypatch.setenv(f"{package.upper()}_{name}", value)
        return Program(SUBJECTS[package], database, key_folder)

    return make


def roles(package: str, folder: Path) -> list[list[str]]:
    """Whatever of a service works with keys."""
    if package != "customer_profile":
        return [["api"], ["worker"], ["all"], ["begin"]]
    (folder / "list").write_text("{}")
    reconcile = ["reconcile", "legacy", str(folder / "list"), "--day", "2026-11-02"]
    return [["api"], ["worker"], ["all"], ["begin"], ["rotate-master-keys"], ["rotate-data-keys"], reconcile]


@pytest.mark.parametrize(("package", "setting", "file"), FILES)
def test_another_key_under_the_same_version_starts_nothing_and_writes_nothing(
    program_of: Callable[[str], Program], package: str, setting: str, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    program = program_of(package)
    assert program("begin") == 0
    right, before = (program.folder / file).read_text(), program.everything()
    (program.folder / file).write_text(wrong := line(1, b"x"))
    for asked in roles(package, program.folder):
        capsys.readouterr()
        assert program(*asked) == 2, asked
        told = capsys.readouterr()
        assert f"{package.upper()}_{setting}: under version 1 the key file {program.folder / file} holds" in told.err
        assert "Put that key back: a new one takes a new version" in told.err
        assert "begun" not in told.out
        assert wrong[2:-2] not in told.err + told.out
    assert program.everything() == before
    (program.folder / file).write_text(right)
    assert program("begin") == 0


@pytest.mark.parametrize("package", SUBJECTS)
def test_with_the_keys_of_before_it_serves(program_of: Callable[[str], Program], package: str) -> None:
    program = program_of(package)
    for _ in range(2):
        with subprocess.Popen([sys.executable, "-m", package, "api"], stdout=PIPE, stderr=STDOUT, text=True) as process:
            assert process.stdout is not None
            told = next((told for told in process.stdout if '"started"' in told), "it ended before it had started")
            process.terminate()
            process.stdout.read()
        assert process.returncode == 0, told
        assert {version for _, version in program.marks()} == {1}


@pytest.mark.parametrize("role", ["api", "worker"])
def test_a_database_that_cannot_be_reached_yet_is_waited_for(
    program_of: Callable[[str], Program], monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    program_of("scoring")
    monkeypatch.setenv("SCORING_DATABASE__URL", "postgresql+asyncpg://scoring@127.0.0.1:1/scoring")
    with subprocess.Popen([sys.executable, "-m", "scoring", role], stdout=PIPE, stderr=STDOUT, text=True) as process:
        assert process.stdout is not None
        told = [told for told, _ in zip(process.stdout, range(2), strict=False)]
        process.terminate()
        rest = process.stdout.read()
    assert (process.returncode, '"started"' in rest) == (0, False), "it works with keys that it has not compared"
    assert ["cannot be reached, and is asked again" in one for one in told] == [True, True], told


@pytest.mark.parametrize(("package", "setting", "file"), LASTING)
def test_a_new_version_beside_the_old_is_taken_and_the_old_may_go(
    program_of: Callable[[str], Program], package: str, setting: str, file: str
) -> None:
    program, name = program_of(package), f"{package.upper()}_{setting}"
    path = program.folder / file
    for text in (line(1, b"k"), line(1, b"k") + line(2, b"n"), line(2, b"n")):
        path.write_text(text)
        assert program("begin") == 0
    assert {version for setting, version in program.marks() if setting == name} == {1, 2}
    path.write_text(line(1, b"x") + line(2, b"n") + line(3, b"o"))
    assert program("begin") == 2, "a version that was taken out comes back as it was, or not at all"
    assert (name, 3) not in program.marks()


def test_the_key_of_tokens_is_one_whichever_version_it_stands_under(program_of: Callable[[str], Program]) -> None:
    program = program_of("customer_profile")
    path = program.folder / "token-key"
    for text, code in ((line(1, b"k"), 0), (line(2, b"k"), 0), (line(2, b"x"), 2)):
        path.write_text(text)
        assert program("begin") == code, text


def test_what_is_kept_of_a_key_is_not_the_key_and_differs_by_file_version_and_service(
    program_of: Callable[[str], Program],
) -> None:
    kept: list[bytes] = []
    for package in SUBJECTS:
        program = program_of(package)
        for file in ("key", "look-up-key", "token-key", "hold-out-key"):
            (program.folder / file).write_text(line(1, b"k"))
        (program.folder / "key").write_text(line(1, b"k") + line(2, b"k"))
        assert program("begin") == 0
        kept += program.marks().values()
    assert len(kept) == len(set(kept)) == 4 * 2 + 3
    assert b"k" * 32 not in kept
