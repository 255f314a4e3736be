"""Every column of every service refers to an entry of the catalogue; identity lies there as ciphertext or not."""

from collections.abc import Callable

import pytest
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, Text, insert, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from rapport.database import create_engine, update_columns, upsert_many
from rapport.events.catalogue import events
from rapport.privacy.catalogue.columns import (
    NotEncrypted,
    NotSealed,
    Sealed,
    codes_of,
    entries_of,
    entry,
    in_clear,
    refuse_in_clear,
    without_entry,
)
from rapport.privacy.catalogue.document import published
from rapport.privacy.catalogue.fields import entry_of_field, leaves_of
from rapport.privacy.catalogue.page import catalogue_page
from tests.shared.privacy.catalogue.tables import metadatas, unexplained
from tests.support.stack import FreshDatabase

SEALED = b"\x01\x00\x01" + bytes(12) + b"ciphertext" + bytes(16)


def planted(*columns: Column[object], info: dict[str, tuple[str, ...]] | None = None) -> MetaData:
    metadata = MetaData()
    Table("planted", metadata, *columns, info=info)
    return metadata


def test_every_column_refers_to_an_entry() -> None:
    columns = {str(column) for column, _, _ in entries_of(metadatas(), published())}
    assert len(columns) > 300, "the tables of four services and of delivery"
    assert without_entry(metadatas(), published()) == []


def test_every_entry_is_of_a_column_or_of_a_field() -> None:
    of_columns = {code for _, code, _ in entries_of(metadatas(), published())}
    found = [entry_of_field(event.name, name, published()) for event in events() for name in leaves_of(event)]
    assert set(published().by_code) - of_columns - {one.code for one in found if one} == set()


def test_identity_and_free_text_are_ciphertext_in_every_table() -> None:
    assert in_clear(metadatas(), published()) == []
    sealed = {code for column, code, _ in entries_of(metadatas(), published()) if isinstance(column.type, Sealed)}
    assert sealed >= {one.code for one in published().entries if one.encrypted}


def test_what_every_column_of_text_holds_is_said() -> None:
    assert unexplained(metadatas()) == set()


def test_a_column_of_text_that_nobody_speaks_of_is_found() -> None:
    extra = planted(
        Column("remark", Text), Column("tags", ARRAY(Text)), Column("raw", LargeBinary), info=entry("tier-decision")
    )
    assert unexplained([*metadatas(), extra]) == {"planted.remark", "planted.tags", "planted.raw"}


def test_a_column_says_what_it_is_before_its_name_does_and_its_name_before_its_table() -> None:
    metadata = planted(
        Column("email", LargeBinary, info=entry("kept-record")),
        Column("phone", Sealed),
        Column("x", Integer),
        info=entry("posting-sums"),
    )
    codes = [codes_of(column, published()) for column in metadata.tables["planted"].columns]
    assert codes == [("kept-record",), ("phone",), ("posting-sums",)]


def test_a_column_that_holds_what_is_of_several_entries_is_a_holder_of_each() -> None:
    document = Column("document", JSONB, info=entry("holding", "tier-decision"))
    several = planted(document, Column("x", Integer), info=entry("posting-sums", "interaction"))
    found = [(column.name, code) for column, code, _ in entries_of([several], published())]
    assert found == [
        ("document", "holding"), ("document", "tier-decision"), ("x", "posting-sums"), ("x", "interaction"),
    ]  # fmt: skip
    page = catalogue_page(published(), {"scoring": [several]})
    (row,) = [line for line in page.splitlines() if line.startswith("| `interaction` |") and "使用" in line]
    assert row.endswith("| scoring |")


def test_a_column_of_several_entries_is_judged_by_each() -> None:
    odd = planted(Column("document", JSONB, info=entry("holding", "shoe-size", "free-text")))
    assert without_entry([odd], published()) == [
        "planted.document: refers to shoe-size, which is not in the data catalogue"
    ]
    assert in_clear([odd], published()) == ["planted.document is free-text and not encrypted: make its type Sealed"]


def test_a_column_without_an_entry_is_named() -> None:
    assert without_entry([planted(Column("shoe_size", Integer))], published()) == [
        "planted.shoe_size: has no entry in the data catalogue"
    ]
    unknown = planted(Column("x", Integer, info=entry("shoe-size")), Column("customer_id", Text))
    assert without_entry([unknown], published()) == [
        "planted.x: refers to shoe-size, which is not in the data catalogue"
    ]


@pytest.mark.parametrize("kind", [Text, LargeBinary])
@pytest.mark.parametrize("code", ["full-name", "free-text", "kept-answer"])
def test_a_service_does_not_start_with_identity_or_free_text_in_clear(code: str, kind: type[Text]) -> None:
    clear = planted(Column("words", kind, info=entry(code)))
    with pytest.raises(NotEncrypted, match=f"planted.words is {code} and not encrypted: make its type Sealed"):
        refuse_in_clear([*metadatas(), clear], published())


async def test_a_sealed_column_takes_ciphertext_and_nothing_else(
    fresh_database: Callable[..., FreshDatabase],
) -> None:
    metadata = planted(Column("id", Integer, primary_key=True), Column("words", Sealed), Column("n", Integer))
    table = metadata.tables["planted"]
    engine = create_engine(fresh_database("feedback").owner_url, application="test", pool_size=1)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
        await connection.execute(insert(table), [{"id": 1, "words": SEALED}, {"id": 2, "words": None}])
        await upsert_many(connection, table, [{"id": 3, "words": SEALED}, {"id": 4, "words": None}])
        for clear in (b"Zhang San", b"", SEALED[:20], b"\x07" + SEALED[1:]):
            with pytest.raises(Exception, match="ciphertext was given something else"):
                await connection.execute(insert(table), [{"id": 5, "words": clear}])
            with pytest.raises(NotSealed):
                await upsert_many(connection, table, [{"id": 1, "words": clear}])
            with pytest.raises(NotSealed):
                await update_columns(connection, table, ("words",), [(1, clear)])
        assert (await connection.execute(select(table.c.words).order_by(table.c.id))).scalars().all() == [
            SEALED, None, SEALED, None,
        ]  # fmt: skip
    await engine.dispose()
