"""Write the references under docs/reference from the contracts and the services, or check that they are up to date.

    python docs/generate.py [--check]

A change that would break readers of what is published is refused: it needs a new event name with `.v2`. The schema file
of an event that nobody was ever told may be deleted first.
"""

import argparse
import json
import sys
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import MetaData

from rapport.composition import Composition, Runtime
from rapport.events.base import Event
from rapport.events.catalogue import events
from rapport.events.reference.asyncapi import Samples, asyncapi_document
from rapport.events.reference.compatibility import breaking_changes
from rapport.events.reference.page import events_page
from rapport.events.reference.schemas import json_schema, schema_name
from rapport.messaging import tables
from rapport.messaging.observer import Observer
from rapport.privacy.catalogue.document import published
from rapport.privacy.catalogue.page import catalogue_page
from rapport.serving import api_of

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
CORPUS = ROOT / "tests" / "contract" / "corpus"
VERSION = "0.1.0"
"""Of the contracts taken together; CHANGELOG.md says what changed in each."""


def runtimes(folder: Path) -> Iterator[Runtime]:
    """Every service under services/, composed and never started. `folder`: for the files that settings name."""
    (folder / "keys").write_text(f"1:{b64encode(bytes(32)).decode()}\n")
    (folder / "jwks.json").write_text('{"keys": []}')
    for main in sorted(ROOT.glob("services/*/*/main.py")):
        package = main.parent.name
        settings = import_module(f"{package}.settings").Settings(
            database={"url": "postgresql+asyncpg://nowhere"},
            kafka={"bootstrap_servers": "nowhere:9092"},
            auth={"issuer": "https://nowhere", "jwks": str(folder / "jwks.json")},
            encryption={"key_file": str(folder / "keys")},
            look_up={"key_file": str(folder / "keys")},
            hold_out={"key_file": str(folder / "keys")},
        )
        composition: Composition = import_module(f"{package}.main").compose(settings)
        yield Runtime(composition, settings, role="api", observer=Observer())


def samples() -> Samples:
    """The corpus's full sample of each event, which its own test decodes."""
    found = {event.name: CORPUS / event.name / "v1-full.json" for event in events()}
    return {name: json.loads(path.read_text(encoding="utf-8")) for name, path in found.items() if path.exists()}


def documents() -> dict[Path, str]:
    """Every generated file with its content."""
    hears: dict[str, Sequence[type[Event]]] = {}
    held: dict[str, list[MetaData]] = {"every service": [tables.metadata]}
    files = {REFERENCE / "events" / schema_name(event): _json(json_schema(event)) for event in events()}
    with TemporaryDirectory() as folder:
        for runtime in runtimes(Path(folder)):
            service = runtime.composition
            hears[service.name] = tuple(service.subscriptions)
            held[service.name] = [service.metadata]
            files[REFERENCE / "openapi" / f"{service.name}.json"] = _json(api_of(runtime).openapi())
    examples = samples()
    files[REFERENCE / "asyncapi.json"] = _json(asyncapi_document(VERSION, hears, examples))
    files[REFERENCE / "events.md"] = events_page(hears, examples)
    files[REFERENCE / "catalogue.md"] = catalogue_page(published(), held)
    return files


def broken() -> list[str]:
    """Changes of the contracts against the committed schemas that readers would not survive."""
    faults: list[str] = []
    for event in events():
        published = REFERENCE / "events" / schema_name(event)
        if published.exists():
            changes = breaking_changes(json.loads(published.read_text(encoding="utf-8")), json_schema(event))
            faults += [f"{event.wire_type()}: {change}" for change in changes]
    return faults


def stale() -> list[str]:
    """Names of generated files that are missing, differ, or belong to nothing any more."""
    files = documents()
    wrong = [
        path for path, content in files.items() if not path.exists() or path.read_text(encoding="utf-8") != content
    ]
    left_over = [path for path in REFERENCE.rglob("*.json") if path not in files]
    return sorted(str(path.relative_to(ROOT)) for path in [*wrong, *left_over])


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """0 if all is well; 1 if a check fails or a change is refused."""
    parser = argparse.ArgumentParser(description="Generate docs/reference from the contracts.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a file is not what would be written"
    )
    check = parser.parse_args().check
    if faults := broken():
        print(
            "these changes break readers; a breaking change is a new event name with .v2:",
            *faults,
            sep="\n  ",
            file=sys.stderr,
        )
        return 1
    if check:
        if outdated := stale():
            print("not up to date, run `make contracts`:", *outdated, sep="\n  ", file=sys.stderr)
        return 1 if outdated else 0
    for path, content in documents().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
