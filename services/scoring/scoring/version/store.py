"""Documents in versions and what people did to them, in PostgreSQL; a version's content never changes."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    RowMapping,
    Table,
    Text,
    case,
    func,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.privacy.catalogue.columns import entry
from scoring.tables import MOMENT, metadata
from scoring.version.domain.life import Release

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext(:name))")


class Versions:
    """The versions of one kind of document. `table` holds them, `acts` who did what to them; both are declared here."""

    def __init__(self, noun: str, table: str, *columns: Column[Any], acts: Sequence[str]) -> None:
        self.noun = noun
        self.table = Table(
            table,
            metadata,
            Column("version", Integer, primary_key=True),
            Column("document", JSONB, nullable=False),
            Column("effective_from", MOMENT),
            Column("kept_at", MOMENT, nullable=False, server_default=func.now()),
            Column("drafted_by", Text),  # nobody drafted what came as a file
            Column("withdrawn_at", MOMENT),
            *columns,
            info=entry("model-document"),
        )
        self.acts = Table(
            f"{noun}_acts",
            metadata,
            Column("act_id", BigInteger, Identity(), primary_key=True),
            Column("version", Integer, nullable=False),
            Column("act", Text, nullable=False),
            Column("done_by", Text, nullable=False),
            Column("done_at", MOMENT, nullable=False),
            Column("reason", Text),
            Column("details", JSONB, nullable=False),
            CheckConstraint(f"act IN ({', '.join(map(repr, acts))})", name=f"{noun}_acts_act"),
            Index(f"{noun}_acts_by_version", "version", "act_id"),
            info=entry("model-document"),
        )
        cells = self.table.c
        self._approved = cells.effective_from.is_not(None) & cells.withdrawn_at.is_(None)

    async def lock(self, connection: AsyncConnection) -> None:
        """Until the transaction ends nobody else changes what becomes of a version."""
        await connection.execute(_LOCK, {"name": self.table.name})

    async def keep(self, connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Store versions that came as files, unless they are there."""
        await connection.execute(insert(self.table).on_conflict_do_nothing(), list(rows))

    async def from_files(self, connection: AsyncConnection) -> dict[int, Any]:
        """The documents of the versions that came as files."""
        found = select(self.table.c.version, self.table.c.document).where(self.table.c.drafted_by.is_(None))
        return {row.version: row.document for row in await connection.execute(found)}

    async def approved(self, connection: AsyncConnection) -> Sequence[RowMapping]:
        """What is in force now or later: version, date and document, in order of the version."""
        columns = self.table.c.version, self.table.c.effective_from, self.table.c.document
        statement = select(*columns).where(self._approved).order_by(self.table.c.version)
        return (await connection.execute(statement)).mappings().all()

    async def dates(self, connection: AsyncConnection) -> dict[int, datetime]:
        """Since when each of these is."""
        return {row["version"]: row["effective_from"] for row in await self.approved(connection)}

    async def document(self, connection: AsyncConnection, version: int) -> Any:
        """What a version that there is says."""
        wanted = self.table.c.version == version
        return (await connection.execute(select(self.table.c.document).where(wanted))).scalar_one()

    def _shown(self, now: datetime, *columns: Any) -> Any:
        cells = self.table.c
        latest = (
            select(func.max(cells.effective_from)).where(self._approved, cells.effective_from <= now).scalar_subquery()
        )
        status = case(
            (cells.withdrawn_at.is_not(None), literal("withdrawn")),
            (cells.effective_from.is_(None), literal("draft")),
            (cells.effective_from < latest, literal("superseded")),
            else_=literal("approved"),
        )
        return select(*columns, status.label("status"))

    def _heads(self, now: datetime) -> Any:
        cells = self.table.c
        said = [cells.document[name].astext.label(name) for name in ("name", "currency", "author", "reason")]
        return self._shown(now, cells.version, cells.effective_from, cells.drafted_by, cells.kept_at, *said)

    async def page(
        self, connection: AsyncConnection, now: datetime, *, before: int | None, limit: int
    ) -> Sequence[RowMapping]:
        """The heads of versions with their status, the latest first, older than `before`."""
        statement = self._heads(now).order_by(self.table.c.version.desc()).limit(limit)
        if before is not None:
            statement = statement.where(self.table.c.version < before)
        return (await connection.execute(statement)).mappings().all()

    async def head(self, connection: AsyncConnection, version: int, now: datetime) -> RowMapping:
        """One version that there is, without its content."""
        statement = self._heads(now).where(self.table.c.version == version)
        return (await connection.execute(statement)).mappings().one()

    async def find(self, connection: AsyncConnection, version: int, now: datetime) -> RowMapping | None:
        """One version with its status: draft, approved, superseded by a later one in force, or withdrawn."""
        statement = self._shown(now, self.table).where(self.table.c.version == version)
        return (await connection.execute(statement)).mappings().one_or_none()

    async def release_of(self, connection: AsyncConnection, version: int) -> Release | None:
        """What became of a version."""
        columns = [self.table.c[one.name] for one in fields(Release)]
        row = (await connection.execute(select(*columns).where(self.table.c.version == version))).one_or_none()
        return None if row is None else Release(*row)

    async def add_draft(self, connection: AsyncConnection, document: Mapping[str, Any], by: str) -> int:
        """Store a draft as the next version; returns which. Under `lock`."""
        following = func.coalesce(select(func.max(self.table.c.version)).scalar_subquery(), 0) + 1
        row = {"version": following, "document": document, "drafted_by": by}
        added = insert(self.table).values(row).returning(self.table.c.version)
        number: int = (await connection.execute(added)).scalar_one()
        return number

    async def change(self, connection: AsyncConnection, version: int, **cells: Any) -> None:
        """Change what became of a version."""
        await connection.execute(update(self.table).where(self.table.c.version == version).values(cells))

    async def keep_act(
        self,
        connection: AsyncConnection,
        version: int,
        act: str,
        *,
        by: str,
        at: datetime,
        reason: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Append what somebody did."""
        row = {"version": version, "act": act, "done_by": by, "done_at": at, "reason": reason, "details": details or {}}
        await connection.execute(insert(self.acts).values(row))

    async def doers(self, connection: AsyncConnection, version: int, act: str) -> set[str]:
        """Who did this to a version."""
        statement = select(self.acts.c.done_by).where(self.acts.c.version == version, self.acts.c.act == act)
        return set((await connection.execute(statement)).scalars())

    async def page_of_acts(
        self, connection: AsyncConnection, version: int, *, before: int | None, limit: int
    ) -> Sequence[RowMapping]:
        """What was done to a version, the latest first, older than `before`."""
        acts = self.acts.c
        statement = select(self.acts).where(acts.version == version).order_by(acts.act_id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(acts.act_id < before)
        return (await connection.execute(statement)).mappings().all()
