"""Files stay short: what separates code that is read from code that is searched is its longest file."""

from pathlib import Path

PROJECT = Path(__file__).parents[2]
BY_NAME = {"domain": 180, "store": 180, "handlers": 180, "api": 180, "subscriptions": 60, "settings": 60, "main": 100}
SHARED, TESTS, OTHERS = 200, 250, 250
MEDIAN = 100

# File: lines it may have, and why it is not split.
EXCEPTIONS = {
    "shared/rapport/events/bank.py": (290, "one file a producer, and the bank tells twelve events"),
    "shared/rapport/messaging/migrations/versions/0001_create_delivery_tables.py": (
        210,
        "a migration is never changed",
    ),
}


def _files() -> list[Path]:
    folders = ("shared", "services", "simulator", "demo", "benchmarks", "deploy", "tests")
    return sorted(file for folder in folders for file in (PROJECT / folder).rglob("*.py"))


def _budget(file: Path) -> int:
    path = file.relative_to(PROJECT)
    if path.parts[0] == "services" and "migrations" not in path.parts:
        named = [BY_NAME[part] for part in (file.stem, *path.parts) if part in BY_NAME]
        return named[0] if named else OTHERS
    return {"shared": SHARED, "tests": TESTS}.get(path.parts[0], OTHERS)


def _lines(file: Path) -> int:
    return len(file.read_text().splitlines())


def test_every_file_keeps_its_budget() -> None:
    allowed = {file: EXCEPTIONS.get(str(file.relative_to(PROJECT)), (_budget(file), ""))[0] for file in _files()}
    too_long = {str(f.relative_to(PROJECT)): f"{_lines(f)} > {allowed[f]}" for f in allowed if _lines(f) > allowed[f]}
    assert not too_long


def test_every_exception_is_still_needed() -> None:
    needless = [name for name in EXCEPTIONS if _lines(PROJECT / name) <= _budget(PROJECT / name)]
    assert not needless


def test_the_median_file_is_short() -> None:
    sizes = sorted(_lines(file) for file in _files() if file.name != "__init__.py")
    assert sizes[len(sizes) // 2] <= MEDIAN
