"""The README of a service names what it owns, hears, tells and serves, all of it, and nothing that there is not."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from rapport.composition import Runtime
from rapport.events import catalogue
from rapport.events.bank import DayClosed
from rapport.serving import api_of
from tests.support.serving import NOWHERE, SUBJECTS, Subject

SERVICES = Path(__file__).parents[2] / "services"
_QUOTED = re.compile(r"`([^`]+)`")


def rows(readme: str, heading: str) -> list[list[str]]:
    """The cells of the table that begins with this word, without head and line."""
    lines = readme.splitlines()
    (begins,) = (place for place, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    found: list[list[str]] = []
    for line in lines[begins + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return found


def named(readme: str, heading: str, column: int = 0) -> set[str]:
    """Every word in quotes of a column."""
    return {word for cells in rows(readme, heading) for word in _QUOTED.findall(cells[column])}


def operations(readme: str) -> set[str]:
    """`GET /cases`, each with its whole path: `…/x` lies beside the path before it, and without a method it has that
    of the one before; one that stands alone has the path after it.
    """
    return {one for cells in rows(readme, "serves") for one in _of_cell(cells[0])}


def _of_cell(cell: str) -> Iterator[str]:
    method, alone, whole = "", [], ""
    for quoted in _QUOTED.findall(cell):
        word, _, path = quoted.rpartition(" ")
        if quoted.isupper():
            alone.append(quoted)
            continue
        path = path.partition("?")[0]
        path = path if path.startswith("/") else str(PurePosixPath(whole).parent) + path.removeprefix("…")
        whole = whole if quoted.startswith("…") else path
        method = word or method
        yield from (f"{one} {path}" for one in (*alone, method))
        alone = []


@pytest.fixture(params=SUBJECTS.values(), ids=SUBJECTS)
def subject(request: pytest.FixtureRequest) -> Subject:
    found: Subject = request.param
    return found


@pytest.fixture
def runtime(subject: Subject, key_folder: Path) -> Runtime:
    return subject.runtime(subject.settings(NOWHERE, key_folder, mode="wall"), role="api")


@pytest.fixture
def served(key_folder: Path) -> dict[str, frozenset[str]]:
    """Method and path of every operation of every service."""
    found = {}
    for one in SUBJECTS.values():
        runtime = one.runtime(one.settings(NOWHERE, key_folder, mode="wall"), role="api")
        paths = api_of(runtime).openapi()["paths"]
        listed = (f"{method.upper()} {path}" for path, methods in paths.items() for method in methods)
        found[runtime.composition.name] = frozenset(listed)
    return found


@pytest.fixture
def readme(runtime: Runtime) -> str:
    return (SERVICES / runtime.composition.name / "README.md").read_text(encoding="utf-8")


def test_every_table_is_named(runtime: Runtime, readme: str) -> None:
    assert named(readme, "owns", 1) == set(runtime.composition.metadata.tables)


def test_every_topic_that_is_heard_is_named(runtime: Runtime, readme: str) -> None:
    assert named(readme, "hears") == {event.name for event in runtime.composition.subscriptions}


def test_every_topic_that_is_told_is_named(runtime: Runtime, readme: str) -> None:
    """What others may tell too is named by whoever does; the bank's marks go with the topics that carry them."""
    name = runtime.composition.name
    own = {event.name for event in catalogue.events() if event.producer == name and not event.also_told_by}
    others = [
        event for event in catalogue.events() if event.also_told_by and name in {event.producer, *event.also_told_by}
    ]
    marks = {DayClosed.name} if any(map(catalogue.carries_marks, others)) else set()
    assert own <= named(readme, "tells") <= own | {event.name for event in others} | marks


def test_every_operation_is_named(runtime: Runtime, served: dict[str, frozenset[str]], readme: str) -> None:
    """But those that every service has."""
    of_all = frozenset[str].intersection(*served.values())
    assert operations(readme) - of_all == served[runtime.composition.name] - of_all


def test_what_stands_in_a_table_is_read_as_people_read_it() -> None:
    readme = """| serves | scope |
|---|---|
| `POST`, `GET /a/{b}/c?d=`, `…/e/f`, `POST /g` | `a:read` |
| `GET /me`, `/me/accounts` | |

| owns | table | what it is |
|---|---|---|
| `x` | `y`, `z` | `none` |
"""
    expected = {"POST /a/{b}/c", "GET /a/{b}/c", "GET /a/{b}/e/f", "POST /g", "GET /me", "GET /me/accounts"}
    assert operations(readme) == expected
    assert named(readme, "owns", 1) == {"y", "z"}
