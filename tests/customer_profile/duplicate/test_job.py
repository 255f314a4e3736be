"""The job over a real database: what it keeps and leaves alone, and that no value of a customer is in any of it."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.progress import Progress

from customer_profile.duplicate.model import Linkage
from customer_profile.duplicate_command import DUPLICATES, find_duplicates
from customer_profile.main import compose
from customer_profile.settings import Settings
from fit_linkage.twins import Person
from rapport.events.bank import Identity
from rapport.service import Refused, run
from tests.customer_profile.duplicate.books import book, published
from tests.customer_profile.facts import HOUR, MONDAY, customer, record
from tests.customer_profile.marks import MARKED
from tests.customer_profile.test_privacy import everything_stored, marks_in
from tests.support.delivering import Delivering
from tests.support.logged import logged

BOOK = dict(list(book().persons.items())[:300])
SECOND = MARKED.model_copy(update={"phone": "13900001111", "address": None, "full_name": "欧阳金丝　雀"})


def told(customer_id: str, person: Person) -> Any:
    facts = person.facts
    identity = Identity.model_validate(person.identity)
    return customer(
        customer_id, identity=identity, birth_year=facts.birth_year, gender=facts.gender, region=facts.region
    )


@pytest.fixture
async def recorded(service: Delivering) -> Delivering:
    """300 customers of a simulated bank, and one who is there twice."""
    marked = [customer("c-marked", identity=MARKED), customer("c-second", identity=SECOND)]
    others = [told(customer_id, person) for customer_id, person in BOOK.items()]
    await service.deliver(*(record(service, one) for one in (*others, *marked)))
    return service


async def ran(service: Delivering, linkage: Linkage | None = None, *, is_dry: bool = False) -> dict[str, int]:
    with Progress(disable=True) as progress:
        changes = await find_duplicates(service.runtime, progress, linkage or published(), is_dry=is_dry)
    return {name: len(getattr(changes, name)) for name in ("new", "changed", "reopened", "gone")}


async def pairs(service: Delivering) -> dict[tuple[str, str], Any]:
    rows = await service.rows("SELECT * FROM duplicate_pairs ORDER BY pair_id")
    return {(row.file_a, row.file_b): row for row in rows}


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    with logged("customer-profile", role="duplicates", level="DEBUG") as found:
        yield found


def files_in(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


async def test_who_is_there_twice_is_found_and_running_again_changes_nothing(recorded: Delivering) -> None:
    first = await ran(recorded)
    kept = await pairs(recorded)
    assert first["new"] == len(kept) > 1
    pair = kept["c-marked", "c-second"]
    assert (pair.state, pair.model, pair.decided_by) == ("open", "persons-1", None)
    assert (pair.evidence["id_number"], pair.evidence["full_name"], pair.evidence["phone"]) == (
        "exact",
        "exact",
        "differs",
    )
    assert await ran(recorded) == {"new": 0, "changed": 0, "reopened": 0, "gone": 0}
    assert await pairs(recorded) == kept
    truth = {pair for pair in book().truth if set(pair) <= set(BOOK)}
    assert len(truth & set(kept)) >= 0.8 * len(truth)


async def test_a_dry_run_says_what_would_change_and_writes_nothing(recorded: Delivering) -> None:
    assert (await ran(recorded, is_dry=True))["new"] > 0
    assert await pairs(recorded) == {}


async def test_no_value_of_a_customer_is_in_a_table_a_log_or_a_file(
    recorded: Delivering, logs: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = files_in(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert (await ran(recorded))["new"] > 0
    dump = await everything_stored(recorded)
    assert dump["duplicate_pairs"].count("c-marked") == 1
    assert {name: marks_in(rows) for name, rows in dump.items() if marks_in(rows)} == {}
    assert marks_in(logs.getvalue()) == []
    assert files_in(tmp_path) == there


async def test_an_open_pair_goes_when_a_file_is_corrected_or_erased(recorded: Delivering) -> None:
    await ran(recorded)
    other = customer("c-second", identity=Identity.model_validate(book().persons[next(iter(BOOK))].identity))
    corrected = other.model_copy(update={"recorded_at": MONDAY + HOUR, "birth_year": None})
    await recorded.deliver(record(recorded, corrected))
    assert (await ran(recorded))["gone"] >= 1
    assert ("c-marked", "c-second") not in await pairs(recorded)
    left = len(await pairs(recorded))
    await recorded.rows_written("DELETE FROM data_keys")
    assert await ran(recorded) == {"new": 0, "changed": 0, "reopened": 0, "gone": left}


async def test_another_model_says_so_on_every_open_pair(recorded: Delivering) -> None:
    kept = (await ran(recorded))["new"]
    newer = published().model_copy(update={"version": 2})
    assert (await ran(recorded, newer))["changed"] == kept
    assert {pair.model for pair in (await pairs(recorded)).values()} == {"persons-2"}


async def test_of_two_runs_at_once_the_second_is_refused(recorded: Delivering) -> None:
    async with recorded.runtime.transactions.begin() as tx:
        from customer_profile.duplicate import store

        assert await store.begin_run(tx.connection)
        with pytest.raises(Refused, match="another run"):
            await ran(recorded)
    assert await pairs(recorded) == {}


async def test_a_value_that_was_altered_stops_the_job_before_it_says_anything(recorded: Delivering) -> None:
    await recorded.rows_written(
        "UPDATE profiles SET full_name = set_byte(full_name, 20, (get_byte(full_name, 20) + 1) % 256) "
        "WHERE customer_id = 'c-marked'"
    )
    with pytest.raises(Refused, match="does not open"):
        await ran(recorded)
    assert await pairs(recorded) == {}


def test_a_model_that_breaks_a_rule_is_refused_with_its_fields(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "DATABASE__URL": "postgresql+asyncpg://nowhere/d",
        "KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "AUTH__ISSUER": "https://issuer.example",
        "AUTH__JWKS": str(key_folder / "jwks.json"),
        "ENCRYPTION__KEY_FILE": str(key_folder / "key"),
        "LOOK_UP__KEY_FILE": str(key_folder / "look-up-key"),
    }.items():
        monkeypatch.setenv(f"CUSTOMER_PROFILE_{name}", value)
    broken = tmp_path / "model.json"
    broken.write_text(published().model_dump_json().replace('"id_head"', '"full name"'))
    assert run(Settings, compose, ["duplicates", "--model", str(broken)], commands=[DUPLICATES]) == 2
    assert "blocking.1.0" in capsys.readouterr().err
    assert run(Settings, compose, ["duplicates", "--model", str(tmp_path / "none")], commands=[DUPLICATES]) == 2
    assert "cannot be read" in capsys.readouterr().err
