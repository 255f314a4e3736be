"""What this service may hold and where it lies, and what was refused because no entry of the catalogue allows it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import MetaData
from starlette.routing import BaseRoute

from rapport.messaging import refused_fields
from rapport.privacy.catalogue.columns import entries_of
from rapport.privacy.catalogue.document import DataClass, Domain, Entry, InBoth, Retention, published, versions
from rapport.web.authentication import require, scopes_of
from rapport.web.backend import read
from rapport.web.principal import Principal
from rapport.web.unseen import UnseenRoute

router = APIRouter(prefix="/catalogue", tags=["catalogue"])
Reader = Annotated[Principal, Depends(require("catalogue:read"))]


class EntryView(BaseModel):
    """One attribute: what for, by which right, how long, who may see it, and where this service holds it."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    name: InBoth
    domain: Domain
    purpose: str
    legal_basis: list[int] = Field(description="Items of article 13 PIPL")
    scenes: list[str]
    data_class: DataClass = Field(description="Under JR/T 0171-2020; C3 is refused and has no entry")
    level: int = Field(description="Under JR/T 0197-2020, 5 the highest")
    retention: Retention
    mask: str
    masked_for: list[str] = Field(description="Roles")
    clear_for: list[str] = Field(description="Roles")
    unmasked_for: list[str] = Field(description="Roles that may ask to see it in clear, for one of its scenes")
    encrypted: bool
    columns: list[str] = Field(description="Of this service; an entry without any is held by others")

    @classmethod
    def of(cls, entry: Entry, retention: Retention, columns: Sequence[str]) -> Self:
        """The view of an entry."""
        said = {name: getattr(entry, name) for name in cls.model_fields if name not in {"columns", "retention"}}
        return cls.model_validate({**said, "retention": retention, "columns": columns})


class CatalogueView(BaseModel):
    """Entries of one version, in the order of the document."""

    version: int
    effective: date
    entries: list[EntryView]


class RefusedFieldView(BaseModel):
    """A field that was refused: where it came in, how often, and why. Never a value."""

    model_config = ConfigDict(from_attributes=True)

    topic: str = Field(description="Of Kafka, or method and route of an operation")
    field: str = Field(description="`?` where the name could itself be personal, or there were too many")
    kind: str = Field(description="`unknown-field`, or the kind of authentication data")
    records: int
    first_at: datetime
    last_at: datetime


class RefusedFieldsView(BaseModel):
    """All that this service refused, by topic or operation, field and kind."""

    fields: list[RefusedFieldView]


@router.get("", summary="Show the data catalogue", responses={404: {"description": "No such version"}})
async def show_catalogue(
    request: Request,
    _: Reader,
    data_class: Annotated[DataClass | None, Query(alias="class", description="Only entries of this class")] = None,
    domain: Annotated[Domain | None, Query(description="Only entries of this domain")] = None,
    held: Annotated[bool | None, Query(description="Only what this service holds, or does not")] = None,
    version: Annotated[int | None, Query(ge=1, description="By default the newest, by which all is decided")] = None,
) -> CatalogueView:
    """Every attribute that may be held, each with the columns of this service, as they are. All services have one
    document; an older version is what `policy_version` of an older decision names.
    """
    columns = _columns(request.app.state.tables)
    catalogue = published() if version is None else versions().get(version)
    if catalogue is None:
        raise HTTPException(404, "There is no such version of the data catalogue")
    wanted = [
        EntryView.of(entry, catalogue.retentions[entry.retention], columns[entry.code])
        for entry in catalogue.entries
        if data_class in {None, entry.data_class}
        and domain in {None, entry.domain}
        and held in {None, entry.code in columns}
    ]
    return CatalogueView(version=catalogue.version, effective=catalogue.effective, entries=wanted)


@router.get("/refused-fields", summary="Show what was refused at the door")
async def show_refused_fields(request: Request, principal: Reader) -> RefusedFieldsView:
    """Fields that no contract knows, left out of events and refused in requests, and authentication data. Of operations
    that nobody else may know to be used, who may ask them alone is shown it.
    """
    async with read(request) as connection:
        rows = await refused_fields.listing(connection)
    hidden = _hidden_from(principal.scopes, request.app.routes)
    shown = [RefusedFieldView.model_validate(dict(row)) for row in rows if row["topic"] not in hidden]
    return RefusedFieldsView(fields=shown)


def _columns(tables: Sequence[MetaData]) -> defaultdict[str, list[str]]:
    """Columns by the code of each of their entries."""
    found = defaultdict[str, list[str]](list)
    for column, code, _ in entries_of(tables, published()):
        found[code or ""].append(str(column))
    return found


def _hidden_from(scopes: frozenset[str], routes: Iterable[BaseRoute]) -> frozenset[str]:
    """Of these routes the unseen operations, such as `POST /cases/{case_id}`, that whoever has these scopes may not
    ask."""
    return frozenset(
        f"{method} {context.path_format}"
        for context in iter_route_contexts(list(routes))
        if isinstance(context.original_route, UnseenRoute) and not scopes_of(context) <= scopes
        for method in context.methods or ()
    )
