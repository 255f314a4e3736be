"""The API's page and document: complete, and loaded from nowhere else."""

import re

from fastapi import FastAPI

from rapport.settings import ApiSettings
from tests.shared.web.apps import client, make_app
from tests.support.tokens import TestIssuer


async def test_the_page_loads_nothing_from_outside(issuer: TestIssuer) -> None:
    app = make_app(issuer, settings=ApiSettings(docs=True))
    async with client(app) as browser:
        page = await browser.get("/docs")
        assert page.status_code == 200
        assert "http" not in page.text
        loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        answers = [await browser.get(f"/{address}") for address in [*loaded, "openapi.json"]]
    assert len(loaded) == 3
    assert [answer.status_code for answer in answers] == [200] * 4
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert len(answers[0].content) + len(answers[1].content) > 1_000_000


async def test_the_page_is_off_unless_it_is_asked_for_and_serves_no_other_file(issuer: TestIssuer) -> None:
    async with client(make_app(issuer)) as browser:
        assert [(await browser.get(path)).status_code for path in ("/docs", "/openapi.json", "/redoc")] == [404] * 3
    async with client(make_app(issuer, settings=ApiSettings(docs=True))) as browser:
        for path in ("/docs/redoc.standalone.js", "/docs/..%2f..%2fcore.py", "/docs/favicon.png"):
            assert (await browser.get(path)).status_code == 404


def test_every_operation_names_its_problems_and_writes_take_a_key(app: FastAPI) -> None:
    document = app.openapi()
    assert "HTTPValidationError" not in document["components"]["schemas"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            keys = [p["name"] for p in operation.get("parameters", []) if p["in"] == "header"]
            assert keys == (["Idempotency-Key"] if method == "post" else [])
            if not path.startswith("/health/"):
                assert {"401", "403", "422", "429", "503"} <= operation["responses"].keys()
                assert operation["security"]
                assert "application/problem+json" in operation["responses"]["422"]["content"]
    assert document == app.openapi()


def test_the_document_reaches_every_schema_it_names(app: FastAPI) -> None:
    text = str(app.openapi())
    schemas = app.openapi()["components"]["schemas"]
    assert set(re.findall(r"#/components/schemas/(\w+)", text)) <= schemas.keys()
