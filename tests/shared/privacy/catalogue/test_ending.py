"""Every table with rows of customers says until which end of a file it keeps them; one that says nothing is found."""

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text

from rapport.messaging import tables as delivery
from rapport.privacy.catalogue.columns import entry
from rapport.privacy.catalogue.document import published
from rapport.privacy.catalogue.ending import (
    kept_of_customers,
    kept_until,
    names_of_others,
    own_instead,
    part_of,
    without_end,
)
from tests.shared.privacy.catalogue.tables import metadatas

# customer-profile says it by table and column, in retention/store/ending.py, with a test of its own.
HEARING = [one for one in metadatas() if "profiles" not in one.tables]


def table(*columns: Column[object], info: dict[str, object]) -> MetaData:
    metadata = MetaData()
    Table("planted", metadata, *columns, info=info)
    return metadata


def test_every_table_of_the_services_that_hear_of_an_end_says_until_when_it_keeps_a_customer() -> None:
    assert len(HEARING) == 4, "three services, and delivery"
    assert [fault for one in HEARING for fault in without_end(one, published())] == []


def test_nothing_but_the_mark_outlives_a_destroyed_file() -> None:
    names = {"customer_id", "case_id", "alert_id", "appeal_id", "override_id", "lead_id", "entry_id"} | {
        "intervention_id",
        "warning_id",
    }
    named = {
        name for one in HEARING for name, found in one.tables.items() if not names.isdisjoint(found.columns.keys())
    }
    ends = {one.table.name: one.until for some in HEARING for one in kept_of_customers(some, published())}
    assert set(ends) == named
    assert {name for name, until in ends.items() if until is None} == {delivery.customers.name}
    assert {name for name, until in ends.items() if until == "archived"} == {"customer_groups", "customer_managers"}


@pytest.mark.parametrize("code", ["delivery-bookkeeping", "model-document", "no-such-entry"])
def test_a_table_with_a_customers_id_that_says_nothing_is_named(code: str) -> None:
    silent = table(Column("customer_id", Text, primary_key=True), info=entry(code))
    (fault,) = without_end(silent, published())
    assert fault.startswith("planted has a customer's id")
    said = table(Column("customer_id", Text, primary_key=True), info=entry(code) | kept_until("archived"))
    assert without_end(said, published()) == []


def test_a_table_of_what_is_a_customers_without_the_id_is_named() -> None:
    (fault,) = without_end(table(Column("line", Integer), info=entry("churn-alert")), published())
    assert fault.startswith("planted names no customer")


def test_a_column_that_names_another_file_is_named() -> None:
    columns = [Column("customer_id", Text, primary_key=True), Column("survivor", Text)]
    (fault,) = without_end(table(*columns, info=entry("one-customer")), published())
    assert fault.startswith("planted.survivor names another file")


def test_parts_go_before_what_they_are_part_of_and_by_its_key() -> None:
    metadata = MetaData()
    whole = Table(
        "a_whole",
        metadata,
        Column("whole_id", Integer, primary_key=True),
        Column("customer_id", Text),
        Column("survivor", Text, info=own_instead()),
        info=entry("churn-alert"),
    )
    Table("parts", metadata, Column("whole_id", Integer, primary_key=True), info=entry("churn-alert") | part_of(whole))
    found = kept_of_customers(metadata, published())
    assert [(one.table.name, one.until) for one in found] == [("parts", "destroyed"), ("a_whole", "destroyed")]
    assert found[0].deletion == (
        "DELETE FROM parts WHERE whole_id IN (SELECT whole_id FROM a_whole WHERE customer_id = ANY($1::text[]))"
    )
    assert names_of_others(metadata) == ["UPDATE a_whole SET survivor = customer_id WHERE survivor = ANY($1::text[])"]
