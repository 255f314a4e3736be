"""A service that would keep identity or what people write in clear does not come up, in whatever role."""

from dataclasses import replace
from importlib import import_module

import pytest
from sqlalchemy import Column, LargeBinary, MetaData, Table, Text

from rapport.composition import Composition
from rapport.privacy.catalogue.columns import Sealed, entry
from rapport.privacy.sealing_anew import sealed_tables
from rapport.service import run
from rapport.settings import ServiceSettings
from tests.support.serving import Subject


def with_a_table_more(composition: Composition, *columns: Column[object]) -> Composition:
    """The service with one more table, as a change could bring it."""
    tables = MetaData()
    for table in composition.metadata.tables.values():
        table.to_metadata(tables)
    Table("remarks", tables, *columns, info=entry("delivery-bookkeeping"))
    return replace(composition, metadata=tables)


@pytest.mark.parametrize("role", ["api", "worker", "all", "migrate"])
def test_it_does_not_start_and_names_the_column_and_what_it_is(
    composition: Composition,
    subject: Subject,
    role: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def compose(_: ServiceSettings) -> Composition:
        words = Column("words", LargeBinary, info=entry("free-text"))
        return with_a_table_more(composition, Column("remark_id", Text), words, Column("phone", Text))

    prefix = subject.package.upper()
    for name, value in {
        "DATABASE__URL": "postgresql+asyncpg://nowhere",
        "KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "AUTH__ISSUER": "https://nowhere",
        "AUTH__JWKS": "/nowhere",
        "ENCRYPTION__KEY_FILE": "/nowhere",
        "LOOK_UP__KEY_FILE": "/nowhere",
    }.items():
        monkeypatch.setenv(f"{prefix}_{name}", value)
    settings: type[ServiceSettings] = import_module(f"{subject.package}.settings").Settings
    assert run(settings, compose, [role]) == 2
    told = capsys.readouterr().err
    assert "remarks.words is free-text and not encrypted: make its type Sealed" in told
    assert "remarks.phone is phone and not encrypted: make its type Sealed" in told


def test_it_starts_when_they_are_ciphertext(composition: Composition) -> None:
    sealed = Column("words", Sealed, info=entry("free-text"))
    assert with_a_table_more(composition, sealed, Column("phone", Sealed)).name == composition.name


def test_every_sealed_column_says_whose_it_is_so_that_no_new_key_leaves_one_behind(composition: Composition) -> None:
    found = {column for table in sealed_tables(composition.metadata) for column in table.columns}
    wanted = {c.name for t in composition.metadata.sorted_tables for c in t.columns if isinstance(c.type, Sealed)}
    assert found == wanted
    assert (composition.keyring is not None) == bool(wanted), "who seals has the commands of keys"
