"""What would break a reader is named; what would not is let through."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from rapport.events.bank import HoldingChanged, TransactionRecorded
from rapport.events.base import Event
from rapport.events.catalogue import events
from rapport.events.reference.compatibility import breaking_changes
from rapport.events.reference.schemas import json_schema

Schema = dict[str, Any]
Edit = Callable[[Schema], None]


def after(event: type[Event], edit: Edit) -> list[str]:
    published = json_schema(event)
    present = copy.deepcopy(published)
    edit(present)
    return breaking_changes(published, present)


def add_optional(schema: Schema) -> None:
    schema["properties"]["memo"] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}


def add_optional_within(schema: Schema) -> None:
    schema["$defs"]["Holding"]["properties"]["units"] = {"type": "string", "default": "0"}


def reword(schema: Schema) -> None:
    schema["description"] = "In other words."
    schema["$defs"]["ReversedTransaction"]["description"] = "In other words."


def test_optional_fields_and_other_words_break_nobody() -> None:
    assert after(TransactionRecorded, add_optional) == []
    assert after(HoldingChanged, add_optional_within) == []
    assert after(TransactionRecorded, reword) == []


def add_required(schema: Schema) -> None:
    add_optional(schema)
    schema["required"].append("memo")


def remove(schema: Schema) -> None:
    del schema["properties"]["product"]


def demand(schema: Schema) -> None:
    schema["required"].append("product")


def demand_no_more(schema: Schema) -> None:
    schema["required"].remove("amount")


def retype(schema: Schema) -> None:
    schema["properties"]["amount"] = {"type": "number"}


def narrow(schema: Schema) -> None:
    schema["properties"]["currency"]["pattern"] = "^CNY$"


def add_value(schema: Schema) -> None:
    schema["properties"]["direction"]["enum"].append("both")


def forbid_null(schema: Schema) -> None:
    schema["properties"]["product"] = schema["properties"]["product"]["anyOf"][0]


def retype_within(schema: Schema) -> None:
    schema["$defs"]["ReversedTransaction"]["properties"]["amount"] = {"type": "integer"}


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (add_required, "memo: was added and is required"),
        (remove, "product: was removed"),
        (demand, "product: was optional and is required"),
        (demand_no_more, "amount: was required and is optional"),
        (retype, "amount: was {"),
        (narrow, "currency: was {"),
        (add_value, "direction: was {"),
        (forbid_null, "product: was {"),
        (retype_within, "reverses.amount: was {"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_change_that_breaks_readers_is_named(edit: Edit, sentence: str) -> None:
    changes = after(TransactionRecorded, edit)
    assert len(changes) == 1
    assert changes[0].startswith(sentence)


def test_a_change_within_a_list_is_named() -> None:
    def edit(schema: Schema) -> None:
        schema["$defs"]["Holding"]["properties"]["status"]["default"] = "closed"

    assert [change.partition(":")[0] for change in after(HoldingChanged, edit)] == ["holdings[].status"]


@pytest.mark.parametrize("event", events(), ids=lambda event: event.name)
def test_a_contract_is_compatible_with_itself(event: type[Event]) -> None:
    assert breaking_changes(json_schema(event), json_schema(event)) == []
