"""What the checklists of CONTRIBUTING.md ask for and no import shows: each rule holds, and catches what breaks it."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import iter_route_contexts
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.composition import Composition, Runtime
from rapport.events import catalogue
from rapport.events.base import Event
from rapport.events.contact import ContactRequested
from rapport.events.scoring import SegmentChanged, TierChanged
from rapport.messaging.retelling import States
from rapport.serving import api_of
from rapport.web import Principal, write
from simulator.marks import SOURCES
from tests.architecture.reaching import reaches
from tests.support.serving import NOWHERE, SUBJECTS, Subject
from tests.support.tally import NumberSaid

PROJECT = Path(__file__).parents[2]
READING = {"GET", "HEAD"}


def unlisted_producers(modules: Iterable[ModuleType]) -> set[str]:
    """Modules of events that the catalogue does not read."""
    telling = {
        module.__name__
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Event) and value.__module__ == module.__name__
        if "name" in vars(value)
    }
    return telling - {module.__name__ for module in catalogue.PRODUCERS}


def named_without_telling(events: Iterable[type[Event]], services: Mapping[str, Path]) -> list[str]:
    """Services of ours that the catalogue says tell an event, and whose code does not so much as name its class."""
    code = {name: "\n".join(file.read_text() for file in tree.rglob("*.py")) for name, tree in services.items()}
    return [
        f"{event.name}: {teller}"
        for event in events
        for teller in (event.producer, *event.also_told_by)
        if teller in code and not re.search(rf"\b{event.__name__}\b", code[teller])
    ]


def without_marks(events: Iterable[type[Event]], sources: Mapping[type[Event], str]) -> list[str]:
    """Topics of the bank in which no day is ever closed: a service in stream time would wait for them for ever."""
    return [event.name for event in events if catalogue.carries_marks(event) and event not in sources]


def never_told_again(composition: Composition) -> list[str]:
    """States a service tells and has no `States` for."""
    told = [event for event in catalogue.events() if event.producer == composition.name and event.is_state]
    return [event.name for event in told if not any(reaches(states.read, event) for states in composition.states)]


def concepts_without_layers(tree: Path, containers: Iterable[str]) -> set[str]:
    """Folders of concepts in which anything may import anything."""
    found = (init.parent for init in tree.glob("services/*/*/*/__init__.py"))
    return {f"{folder.parent.name}.{folder.name}" for folder in found} - set(containers)


def around_write(app: FastAPI) -> list[str]:
    """Operations that change something by another way than `write`, so that a repeat would change it twice."""
    found = []
    for context in iter_route_contexts(app.routes):
        changing = sorted((context.methods or {"*"}) - READING)
        if changing and not reaches(context.endpoint, write):
            found += [f"{method} {context.path}" for method in changing]
    return found


def locked_around(tree: Path) -> list[str]:
    """Files of services that hold customers by another way than a transaction's `lock` and `lock_free`, or make one of
    their own: what has come is not handled before these decide."""
    own = re.compile(r"\brapport\.messaging\.locks\b|[^.\w]Transaction\(")
    return sorted(str(file.relative_to(tree)) for file in tree.rglob("*.py") if own.search(file.read_text()))


@pytest.fixture(params=SUBJECTS.values(), ids=SUBJECTS)
def runtime(request: pytest.FixtureRequest, key_folder: Path) -> Runtime:
    subject: Subject = request.param
    return subject.runtime(subject.settings(NOWHERE, key_folder, mode="wall"), role="api")


def test_every_event_is_in_the_catalogue() -> None:
    folder = PROJECT / "shared" / "rapport" / "events"
    assert unlisted_producers(import_module(f"rapport.events.{file.stem}") for file in folder.glob("*.py")) == set()


def test_events_in_no_module_of_the_catalogue_are_found() -> None:
    assert unlisted_producers([import_module("tests.support.tally")]) == {"tests.support.tally"}


def test_no_service_is_said_to_tell_what_it_does_not() -> None:
    """Of a cap on messages or a right to write to a topic the catalogue is what is gone by."""
    trees = {subject.replace("_", "-"): PROJECT / "services" / subject.replace("_", "-") for subject in SUBJECTS}
    assert named_without_telling(catalogue.events(), trees) == []
    scoring = {"churn-alert": trees["scoring"]}
    assert "contact-requested: churn-alert" in named_without_telling([ContactRequested], scoring)


def test_the_bank_closes_its_days_in_every_topic_it_tells() -> None:
    assert without_marks(catalogue.topics(), SOURCES) == []


def test_a_topic_without_marks_is_found() -> None:
    assert without_marks([*catalogue.topics(), NumberSaid], SOURCES) == ["number-said"]


def test_every_state_is_told_again(runtime: Runtime) -> None:
    assert runtime.composition.name in {event.producer for event in catalogue.events()}
    assert never_told_again(runtime.composition) == []


async def _of_another_state(connection: AsyncConnection, after: str, limit: int) -> list[tuple[Event, datetime]]:
    raise NotImplementedError


@pytest.mark.parametrize("states", [(), (States("standings", _of_another_state),)])
def test_a_state_that_is_never_told_again_is_found(states: tuple[States, ...], key_folder: Path) -> None:
    subject = SUBJECTS["scoring"]
    composition = subject.compose(subject.settings(NOWHERE, key_folder, mode="wall"))
    assert never_told_again(replace(composition, states=states)) == [SegmentChanged.name, TierChanged.name]


def test_every_concept_has_its_layers() -> None:
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract for contract in contracts if contract["id"] == "concept-layers")
    assert concepts_without_layers(PROJECT, layers["containers"]) == set()
    assert concepts_without_layers(PROJECT, []) == set(layers["containers"])


def test_a_concept_without_layers_is_found(tmp_path: Path) -> None:
    for concept in ("alert", "campaign"):
        folder = tmp_path / "services" / "churn-alert" / "churn_alert" / concept
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
    assert concepts_without_layers(tmp_path, ["churn_alert.alert"]) == {"churn_alert.campaign"}


def test_every_change_over_rest_goes_through_write(runtime: Runtime) -> None:
    assert around_write(api_of(runtime)) == []


def test_a_change_that_goes_around_write_is_found() -> None:
    router = APIRouter()

    @router.post("/kept")
    async def change_once(request: Request, principal: Principal) -> None:
        await _written(request, principal)

    @router.post("/lost")
    @router.delete("/lost")
    async def change_each_time(request: Request) -> None:
        async with request.app.state.backend.transactions.begin():
            pass

    app = FastAPI()
    app.include_router(router)
    assert around_write(app) == ["DELETE /lost", "POST /lost"]


async def _written(request: Request, principal: Principal) -> None:
    await write(request, principal, act=request.app.state.act)


def test_services_hold_customers_by_transactions_that_do_first_what_comes_first() -> None:
    assert locked_around(PROJECT / "services") == []


def test_a_lock_around_them_is_found(tmp_path: Path) -> None:
    (tmp_path / "jobs.py").write_text("from rapport.messaging.locks import lock_free_customers\n")
    (tmp_path / "acts.py").write_text("tx = Transaction(service, connection, utc_now())\n")
    (tmp_path / "right.py").write_text("def act(tx: Transaction) -> None: ...\nTransactions(engine, service)\n")
    assert locked_around(tmp_path) == ["acts.py", "jobs.py"]
