"""What the API page shows as an example is a whole answer, nulls included."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict

from rapport.web.openapi import complete_openapi

ROW: dict[str, Any] = {"name": None, "parts": [{"size": None}], "whole": {"size": None}, "note": "kept"}


class Part(BaseModel):
    size: int | None


class Row(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": ROW, "examples": [ROW]})

    name: str | None
    parts: list[Part]
    whole: Part | None
    note: str = ""
    extra: int | None = None


def make_document() -> dict[str, Any]:
    app = FastAPI()

    @app.get("/rows", responses={200: {"content": {"application/json": {"example": [ROW]}}}})
    async def list_rows() -> list[Row]:
        return []

    @app.get("/named", responses={200: {"content": {"application/json": {"examples": {"one": {"value": ROW}}}}}})
    async def show_row() -> Row:
        raise NotImplementedError

    complete_openapi(app)
    return app.openapi()


def test_a_required_null_stays_in_every_example_and_an_optional_one_is_not_invented() -> None:
    document = make_document()
    row = document["components"]["schemas"]["Row"]
    rows = document["paths"]["/rows"]["get"]["responses"]["200"]["content"]["application/json"]
    named = document["paths"]["/named"]["get"]["responses"]["200"]["content"]["application/json"]
    assert row["example"] == ROW
    assert row["examples"] == [ROW]
    assert rows["example"] == [ROW]
    assert named["examples"]["one"]["value"] == ROW
