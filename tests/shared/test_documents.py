"""Documents are read whole, faults name file and field, and the version in force at a moment decides what is of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.documents import (
    DocumentInvalid,
    VersionDocument,
    in_force,
    in_succession,
    read_document,
    read_versions,
)
from rapport.errors import DomainError
from rapport.settings import SettingsInvalid
from rapport.succession import Succeeded, succession

TODAY = date(2026, 6, 1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
SAID = {"name": "rates", "version": 1, "author": "Rapport", "reason": "First.", "effective_from": "2026-01-01"}


class RatesDocument(VersionDocument):
    """A document of the tests."""

    rate: float


@dataclass(frozen=True, slots=True)
class Rates(Succeeded):
    """As rules take it."""

    rate: float


def write(folder: Path, number: int, begins: str, **changes: Any) -> Path:
    """One version as a file; its rate is its number."""
    path = folder / f"rates-{number}.json"
    path.write_text(json.dumps(SAID | {"version": number, "effective_from": begins, "rate": number} | changes))
    return path


def read(own: Path | None, published: Path | None = None) -> tuple[RatesDocument, ...]:
    return read_versions(
        own, RatesDocument, noun="rates", published=[published] if published else [], today=TODAY, check=checked
    )


def checked(document: RatesDocument) -> None:
    if document.rate < 0:
        raise DomainError("rate: is below zero")


def refused(reading: Callable[[], object]) -> str:
    with pytest.raises(SettingsInvalid) as caught:
        reading()
    assert isinstance(caught.value, DocumentInvalid)
    return str(caught.value)


def test_every_fault_of_a_document_is_told_with_file_and_field_and_without_its_value(tmp_path: Path) -> None:
    path = write(tmp_path, 0, "soon", rat=1.0, rate="much")
    said = refused(lambda: read_document(path, RatesDocument, noun="rates"))
    assert said.startswith("rates rates-0.json: ")
    for field in ("version: ", "effective_from: ", "rate: ", "rat: "):
        assert field in said
    assert "much" not in said


@pytest.mark.parametrize("rate", [float("inf"), float("nan")])
def test_a_number_that_is_none_is_refused(tmp_path: Path, rate: float) -> None:
    path = write(tmp_path, 1, "2026-01-01", rate=rate)
    assert "rate: Input should be a finite number" in refused(lambda: read_document(path, RatesDocument, noun="rates"))


@pytest.mark.parametrize("begins", ["0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_that_no_moment_can_be_made_of_is_refused(tmp_path: Path, begins: str) -> None:
    """The midnight before the first day there is lies nowhere: a bank east of Greenwich could not start."""
    path = write(tmp_path, 1, begins)
    assert "effective_from: " in refused(lambda: in_succession(read(path), SHANGHAI, lambda one: Rates(one.rate)))


def test_a_field_that_stands_twice_is_refused_for_people_may_see_the_other_one(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, 1, "2026-01-01")
    path.write_text(path.read_text().replace('"rate": 1', '"rate": 1, "rate": 2'))
    assert refused(lambda: read(path)) == "rates rates-1.json: rate: stands twice in one object: keep one of them"


@pytest.mark.parametrize(("field", "value"), [("version", "1"), ("rate", True), ("effective_from", 0)])
def test_a_value_of_another_kind_is_not_turned_into_one_that_fits(tmp_path: Path, field: str, value: Any) -> None:
    path = tmp_path / "rates-1.json"
    path.write_text(json.dumps(SAID | {"rate": 1, field: value}))
    assert f"{field}: " in refused(lambda: read(path))


def test_what_cannot_be_read_or_breaks_a_rule_beyond_the_form_is_told_with_its_file(tmp_path: Path) -> None:
    assert refused(lambda: read(tmp_path / "none.json")).startswith("rates none.json: cannot be read: ")
    path = write(tmp_path, 1, "2026-01-01", rate=-1)
    assert refused(lambda: read(path)) == "rates rates-1.json: rate: is below zero"


def test_a_folder_holds_every_version_and_they_are_read_in_their_order(tmp_path: Path) -> None:
    for version, begins in ((10, "2027-01-01"), (9, "2026-02-01"), (2, "2026-01-01")):
        write(tmp_path, version, begins)
    documents = read(tmp_path)
    assert [one.version for one in documents] == [2, 9, 10]
    days = (date(2025, 1, 1), date(2026, 1, 31), date(2026, 2, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert [in_force(documents, day).version for day in days] == [2, 2, 9, 9, 10]


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ((2, "2026-01-01", {}), "effective_from: 2026-01-01 is not after 2026-01-01 of version 1"),
        ((2, "2025-12-31", {}), "effective_from: 2025-12-31 is not after"),
        ((2, "2026-02-01", {"name": "others"}), "name: is others, the version before is rates"),
        ((3, "2026-02-01", {"version": 1}), "version: 1 is there twice"),
    ],
)
def test_versions_of_which_it_is_not_plain_when_each_holds_are_refused(
    tmp_path: Path, second: tuple[int, str, dict[str, Any]], words: str
) -> None:
    write(tmp_path, 1, "2026-01-01")
    number, begins, changes = second
    write(tmp_path, number, begins, **changes)
    assert words in refused(lambda: read(tmp_path))


def test_the_banks_own_is_refused_while_none_of_it_is_in_force_and_so_is_an_empty_folder(tmp_path: Path) -> None:
    path = write(tmp_path, 2, "2026-06-02")
    assert "effective_from: 2026-06-02 is still to come: keep the version before it" in refused(lambda: read(path))
    assert [one.version for one in read(None, path)] == [2], "there is nothing before what is published"
    write(tmp_path, 1, "2026-06-01")
    assert [one.version for one in read(tmp_path)] == [1, 2]
    (tmp_path / "empty").mkdir()
    assert "the folder has no *.json" in refused(lambda: read(tmp_path / "empty"))


def test_a_version_begins_at_the_midnight_of_the_banks_calendar(tmp_path: Path) -> None:
    write(tmp_path, 1, "2026-01-01")
    write(tmp_path, 2, "2026-02-01")
    rates = in_succession(read(tmp_path), SHANGHAI, lambda one: Rates(one.rate))
    midnight = datetime(2026, 1, 31, 16, tzinfo=UTC)
    assert rates.at(midnight).rate == 2
    assert rates.at(midnight - timedelta(microseconds=1)).rate == 1
    assert rates.next_after(midnight - timedelta(days=300)) == midnight
    assert rates.next_after(midnight) is None
    assert rates.newest.rate == 2


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=6, unique=True), st.integers(-10, 1010))
def test_the_version_in_force_is_the_last_that_has_begun_or_else_the_first(days: list[int], day: int) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    begins = [start + timedelta(days=one) for one in sorted(days)]
    rates = succession([(at, Rates(float(number))) for number, at in enumerate(begins)])
    now = start + timedelta(days=day)
    assert rates.at(now).rate == max((number for number, at in enumerate(begins) if at <= now), default=0)
    assert rates.next_after(now) == min((at for at in begins[1:] if at > now), default=None)
    of_now = [
        one.rate
        for since, until, one in rates.periods()
        if (since is None or since <= now) and (until is None or now < until)
    ]
    assert of_now == [rates.at(now).rate], "each moment is of one period"
