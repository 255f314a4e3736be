"""An export is asked for, decided on and taken: each in one transaction with the row that says so."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from uuid import UUID

from customer_profile.export import store
from customer_profile.export.domain import (
    Decision,
    Export,
    ExportNotApproved,
    ExportNotFound,
    ExportStillOpen,
    Format,
    HandOut,
    Left,
    Purpose,
    Reason,
)
from rapport.ids import new_id
from rapport.messaging.transaction import Transaction
from rapport.privacy.catalogue.document import published


async def ask(
    tx: Transaction,
    *,
    purpose: Purpose,
    reason: Reason,
    filters: Mapping[str, str],
    extent: str,
    by: str,
    at_once: int,
    valid: timedelta,
) -> Export:
    """Keep a request. Raises ExportStillOpen where the caller has `at_once` open ones."""
    still_open = await store.open_of(tx.connection, by, tx.now)
    if len(still_open) >= at_once:
        first = min(still_open, key=lambda export: export.expires_at)
        raise ExportStillOpen(
            f"take {first.export_id} or have it refused; by itself it ends at {first.expires_at:%Y-%m-%dT%H:%M:%SZ}"
        )
    asked = Export(new_id(), purpose, reason, filters, extent, by, tx.now, tx.now + valid)
    await store.add(tx.connection, asked)
    return asked


async def decide(tx: Transaction, export_id: UUID, decision: Decision, *, by: str, valid: timedelta) -> Export:
    """Approve or refuse; the time for taking it begins now. Raises ExportNotFound, ExportByOnePerson, ExportDecided."""
    export = await store.find(tx.connection, export_id)
    if export is None:
        raise ExportNotFound
    export.demand_decidable(by, tx.now)
    decided = replace(
        export,
        state="approved" if decision == "approve" else "refused",
        decided_by=by,
        decided_at=tx.now,
        expires_at=tx.now + valid,
        policy_version=published().version,
    )
    await store.save(tx.connection, decided)
    return decided


async def begin(
    tx: Transaction, export_id: UUID, form: Format, *, extent: str, by: str, longest: timedelta
) -> tuple[Export, HandOut]:
    """Note that who asked takes it now. `extent`: whose customers the caller sees now. `longest`: how long a hand-out
    can take; one without an end that began before has died with its process.

    Raises ExportNotFound, also of another's, and ExportNotApproved.
    """
    export = await store.find(tx.connection, export_id)
    if export is None or export.asked_by != by:
        raise ExportNotFound("no export that the caller asked for has this export_id")
    export.demand_approved(tx.now)
    export.demand_extent(extent)
    if began_at := await store.under_way(tx.connection, export_id, since=tx.now - longest):
        raise ExportNotApproved(f"it is being taken since {began_at:%Y-%m-%dT%H:%M:%SZ}, and is handed out once")
    begun = HandOut(new_id(), export_id, form, by, tx.now)
    await store.begin(tx.connection, begun)
    return export, begun


async def end(tx: Transaction, begun: HandOut, left: Left) -> None:
    """Note how much of it left. Once it is whole there is nothing more to take; what broke off may be taken again."""
    await store.end(tx.connection, replace(begun, ended_at=tx.now, **asdict(left)))
    export = await store.find(tx.connection, begun.export_id)
    if left.is_whole and export is not None and export.state == "approved":
        await store.save(tx.connection, replace(export, state="handed-out"))
