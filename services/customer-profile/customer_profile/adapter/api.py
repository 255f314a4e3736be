"""`GET /adapters`: the raw topics that are read, what became of their records, and what was wrong with them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from customer_profile.adapter.domain.mapping import Adapter
from customer_profile.adapter.store import quality
from rapport.web import Principal, read, require

router = APIRouter(prefix="/adapters", tags=["adapters"])
Reader = Annotated[Principal, Depends(require("operations:read"))]
_NOTHING = dict.fromkeys(("received", "applied", "duplicate", "skipped", "dead_lettered", "parked"), 0)
_EXAMPLE: dict[str, Any] = {
    "topic": "fineract.savings-transactions",
    "source": "fineract",
    "version": 1,
    "tells": "transaction-recorded",
    "received": 120_000,
    "applied": 119_200,
    "duplicate": 600,
    "skipped": 150,
    "dead_lettered": 30,
    "parked": 20,
    "faults": [{"field": "amount", "fault": "malformed", "records": 30, "last_at": "2026-03-02T16:00:00Z"}],
}


class FaultView(BaseModel):
    """One kind of fault: which field, what about it, how often. Never a value."""

    field: str = Field(description="Of the contract, or `record` for the whole")
    fault: str = Field(description="`missing`, `malformed`, `unknown-code`, `before-its-account` and others")
    records: int
    last_at: datetime


class AdapterView(BaseModel):
    """A raw topic. `received` is the sum of the other five counts."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    topic: str
    source: str = Field(description="The core")
    version: int = Field(description="Of the mapping")
    tells: Literal["transaction-recorded", "account-changed"]
    received: int
    applied: int
    duplicate: int
    skipped: int = Field(description="No fact for us, as the mapping says")
    dead_lettered: int
    parked: int = Field(description="Waiting for their account, or reversals for their original")
    faults: list[FaultView]


class AdaptersView(BaseModel):
    """All raw topics, by name."""

    adapters: list[AdapterView]


@router.get("", summary="Show the adapters of cores that do not speak the contract")
async def show_adapters(request: Request, _: Reader) -> AdaptersView:
    """Each raw topic with what became of its records since it is read, and its data quality by kind of fault.

    Records that wait for their account count under `account_id` as well, each time they had to.
    """
    adapters: dict[str, Adapter] = request.app.state.adapters
    async with read(request) as connection:
        outcomes = await quality.outcomes(connection, adapters)
        faults = await quality.faults(connection)
    views = []
    for topic, adapter in sorted(adapters.items()):
        counts = dict(outcomes.get(topic) or _NOTHING)
        found = [{name: row[name] for name in FaultView.model_fields} for row in faults if row["topic"] == topic]
        said = {"source": adapter.source, "version": adapter.version, "tells": adapter.tells}
        views.append(AdapterView.model_validate({**counts, **said, "topic": topic, "faults": found}))
    return AdaptersView(adapters=views)
