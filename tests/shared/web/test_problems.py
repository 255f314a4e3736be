"""Every failure is problem+json that names the field or the rule, and never repeats a value."""

import json
from itertools import product
from string import ascii_lowercase
from time import process_time
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from structlog.testing import capture_logs

from rapport.web.problems import field_errors, lookup, unmapped_errors
from tests.shared.web.apps import PROBLEMS, TallyMissing, TallyTooHigh, client
from tests.support.tokens import TestIssuer

MARK = "Zhang13812341234"
GOOD = {"name": "Anna", "amount": 1.5}


async def _post(app: FastAPI, issuer: TestIssuer, path: str = "/tallies", **request: Any) -> Any:
    async with client(app, **issuer.bearer("rm")) as browser:
        answer = await browser.post(path, **request)
    assert answer.status_code < 400 or answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code < 400 or answer.json()["status"] == answer.status_code
    assert MARK not in answer.text
    return answer


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({"amount": 1}, "name", "is required"),
        ({**GOOD, "vip": MARK}, "vip", "is not a known field"),
        ({**GOOD, MARK: 1}, "?", "is not a known field"),
        ({**GOOD, "name": MARK * 5}, "name", "at most 20"),
        ({**GOOD, "name": [MARK]}, "name", "valid string"),
        ({**GOOD, "amount": MARK}, "amount", "malformed"),
        ({**GOOD, "amount": -1}, "amount", "greater than 0"),
        ({**GOOD, "kind": MARK}, "kind", "required form"),
        ([MARK], "body", "dictionary"),
        (MARK, "body", "dictionary"),
        (None, "body", "required"),
    ],
)
async def test_a_malformed_body_is_422_naming_the_field(
    body: Any, field: str, reason: str, app: FastAPI, issuer: TestIssuer
) -> None:
    content = json.dumps(body) if body is not None else b""
    answer = await _post(app, issuer, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert [(error["field"], reason in error["reason"]) for error in answer.json()["errors"]] == [(field, True)]


@pytest.mark.parametrize("body", [{**GOOD, "vip": MARK}, {**GOOD, MARK: 1}, {**GOOD, "password": MARK}])
async def test_what_cannot_be_counted_is_refused_all_the_same_and_logged_once_without_a_value(
    body: Any, app: FastAPI, issuer: TestIssuer
) -> None:
    with capture_logs() as lines:
        assert (await _post(app, issuer, json=body)).status_code == 422
    uncounted = [line for line in lines if line["event"] == "a refused request is not counted"]
    assert [(line["method"], line["route"], line["reason"]) for line in uncounted] == [
        ("POST", "/tallies", "ConnectionRefusedError")
    ]
    assert MARK not in str(lines)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_a_number_that_is_none_is_422(number: str, app: FastAPI, issuer: TestIssuer) -> None:
    content = f'{{"name": "Anna", "amount": {number}}}'
    answer = await _post(app, issuer, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "amount"


@pytest.mark.parametrize("content", [b'{"name": "Anna"', b"{name: 1}", b"\xff\xfe", b"[" * 100_000, b'{"a": 1} x'])
async def test_a_body_that_is_not_json_is_the_callers_fault(content: bytes, app: FastAPI, issuer: TestIssuer) -> None:
    answer = await _post(app, issuer, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert "JSON" in answer.text or "pars" in answer.text


@pytest.mark.parametrize("text", ["\\u0000", "a\\u0000b", "\\ud800"])
async def test_a_text_that_no_database_takes_is_422(text: str, app: FastAPI, issuer: TestIssuer) -> None:
    content = f'{{"name": "{text}", "amount": 1}}'
    answer = await _post(app, issuer, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


@pytest.mark.parametrize("depth", [51, 450, 900])
async def test_a_body_nested_deeper_than_any_of_ours_is_422(depth: int, app: FastAPI, issuer: TestIssuer) -> None:
    content = f'{{"name": "Anna", "amount": 1.5, "kind": {"[" * depth}{"]" * depth}}}'
    answer = await _post(app, issuer, content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["errors"]) == (
        422,
        [{"field": "body", "reason": "is nested deeper than 50 levels"}],
    )


async def test_a_body_of_more_fields_than_any_of_ours_is_422_before_each_is_told(
    app: FastAPI, issuer: TestIssuer
) -> None:
    answer = await _post(app, issuer, json={f"k{n}": 0 for n in range(201)})
    assert (answer.status_code, answer.json()["errors"]) == (
        422,
        [{"field": "body", "reason": "has more than 200 fields"}],
    )


@pytest.mark.parametrize("path", ["/tallies/%00", "/tallies?cursor=%00", "/%00"])
async def test_an_address_with_a_nul_is_400(path: str, app: FastAPI, issuer: TestIssuer) -> None:
    async with client(app, **issuer.bearer("rm")) as browser:
        assert (await browser.get(path)).status_code == 400


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("own", 500),
        ("value", 500),
        ("unique", 500),
        ("missing", 404),
        ("conflict", 409),
        ("restart", 503),
        ("statement-timeout", 503),
        ("deadlock", 503),
        ("connection", 503),
        ("pool", 503),
        ("operational", 503),
    ],
)
async def test_a_failure_has_its_status_and_no_text_of_its_own(
    kind: str, status: int, app: FastAPI, issuer: TestIssuer
) -> None:
    answer = await _post(app, issuer, f"/tallies/failures/{kind}", json={**GOOD, "name": MARK})
    assert answer.status_code == status
    assert ("retry-after" in answer.headers) == (status == 503)
    assert "Traceback" not in answer.text


async def test_unknown_paths_and_methods_are_problems_too(app: FastAPI, issuer: TestIssuer) -> None:
    async with client(app, **issuer.bearer("rm")) as browser:
        answers = [await browser.get(f"/{MARK}"), await browser.delete("/tallies"), await browser.request("TRACE", "/")]
    assert [answer.status_code for answer in answers] == [404, 405, 404]
    assert answers[1].headers["allow"]
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in answers)
    assert all(MARK not in answer.text for answer in answers)


async def test_a_path_that_is_malformed_is_422_naming_its_part(app: FastAPI, issuer: TestIssuer) -> None:
    async with client(app, **issuer.bearer("rm")) as browser:
        answer = await browser.get(f"/tallies/{MARK}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "number")


class Everything(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=False)

    count: int
    price: float


@given(st.dictionaries(st.text(max_size=5), st.recursive(st.text() | st.floats() | st.none(), st.lists, max_leaves=4)))
def test_no_value_of_any_input_is_in_a_field_error(content: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(Everything).validate_python({**content, "count": MARK, "price": [MARK]})
    described = json.dumps(field_errors(refused.value.errors()))
    assert MARK not in described
    assert described.isascii()


def test_many_faults_are_told_in_time_that_grows_with_their_number_alone() -> None:
    """A megabyte of unknown fields would else hold up every other caller for minutes."""
    names = ["".join(letters) for letters in product(ascii_lowercase, repeat=3)]
    faults = [{"type": "extra_forbidden", "loc": ("body", name), "msg": ""} for name in names]
    began = process_time()
    assert [one["field"] for one in field_errors(faults + faults)] == names
    assert process_time() - began < 2


def test_a_subclass_has_its_ancestors_status() -> None:
    class TallyLost(TallyMissing):
        pass

    assert lookup(TallyLost, PROBLEMS) == (404, "No such tally")


def test_an_error_that_no_table_names_is_found() -> None:
    assert unmapped_errors("tests.shared.web", PROBLEMS) == []
    assert unmapped_errors("tests.shared.web", {TallyTooHigh: (409, "x")}) == ["TallyMissing"]
