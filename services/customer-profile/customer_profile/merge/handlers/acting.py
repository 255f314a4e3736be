"""Acts, whoever decides: entered one after the other, told under every file whose person changes, and told again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.merge.domain.acts import Act, Kind, Persons, persons_by
from customer_profile.merge.domain.proposals import Evidence
from customer_profile.merge.handlers.answering import answer_recommended
from customer_profile.merge.store import ledger
from rapport.events.base import Event, Received
from rapport.events.customer_profile import CustomersMerged, CustomersUnmerged, Person
from rapport.events.ecif import CustomerMergeRecorded
from rapport.messaging.transaction import Transaction
from rapport.person.store import keep, persons_of

_KINDS: Mapping[str, Kind] = {"merged": "merge", "separated": "unmerge"}


async def enter(
    tx: Transaction,
    act: Act,
    *,
    reason: str,
    at: datetime,
    evidence: Evidence | None = None,
    proposed_by: str | None = None,
    decided_by: str | None = None,
    cause: Received[Any] | None = None,
) -> bool:
    """Write an act while `ledger.lock_acts` is held; False if it is in the ledger already. `at`: the clock's reading.

    Nothing of any file changes. A word that an earlier one outranks, or that says what holds, is kept and not told.
    """
    before = await persons_of(tx.connection, {act.survivor, act.merged})
    files = sorted(file for person in before.values() for file in person)
    known = await ledger.acts_on(tx.connection, files)
    if act.act_id in {one.act_id for one in known}:
        return False
    revision = await ledger.last_revision(tx.connection) + 1
    await ledger.enter(
        tx.connection,
        act,
        revision=revision,
        reason=reason,
        evidence_kind=evidence.kind if evidence else None,
        evidence_digest=evidence.digest if evidence else None,
        proposed_by=proposed_by,
        decided_by=decided_by,
        recorded_at=at,
    )
    after = persons_by([*known, act], files)
    if after != before:
        facts = _facts(act.kind, act.act_id, after, files, reason=reason, as_of=at, revision=revision)
        await keep(tx.connection, ledger.merged_files, facts[:1])
        for fact in facts:
            tx.tell(fact, time=at, cause=cause)
    return True


def _facts(
    kind: Kind, act_id: UUID, persons: Persons, files: Sequence[str], *, reason: str, as_of: datetime, revision: int
) -> list[CustomersMerged | CustomersUnmerged]:
    grouped = tuple(Person(survivor=survivor, files=found) for survivor, found in sorted(persons.items()))
    fact = CustomersMerged if kind == "merge" else CustomersUnmerged
    return [
        fact(customer_id=file, persons=grouped, act_id=act_id, reason=reason, as_of=as_of, revision=revision)
        for file in files
    ]


async def on_merges_recorded(tx: Transaction, events: Sequence[Received[CustomerMergeRecorded]]) -> None:
    """The ECIF is believed, whether or not its files are known here: an act says nothing of what is in a file. What was
    recommended of these files is answered by it.
    """
    await ledger.lock_acts(tx.connection)
    for event in events:  # rare by nature, and each is judged by all before it
        said = event.data
        act = Act(event.id, _KINDS[said.status], said.customer_id, said.merged, said.recorded_at)
        if not await enter(tx, act, reason="ecif", at=event.at, cause=event):
            tx.leave(event, "duplicate")
    await answer_recommended(tx, {file for event in events for file in (event.data.customer_id, event.data.merged)})


async def present_persons(connection: AsyncConnection, after: str, limit: int) -> list[tuple[Event, datetime]]:
    """What is to be told again of the files after this one: each the last act that touched it.

    All files of a person have one last act, so what of an act still holds is whole persons.
    """
    rows = await ledger.files_after(connection, after, limit)
    revisions = {row["revision"] for row in rows}
    acts = await ledger.acts_of(connection, revisions)
    persons: dict[int, dict[str, list[str]]] = {}
    for row in await ledger.touched_by(connection, revisions):
        persons.setdefault(row["revision"], {}).setdefault(row["survivor"], []).append(row["customer_id"])
    return [_again(acts[row["revision"]], persons[row["revision"]], row["customer_id"]) for row in rows]


def _again(act: RowMapping, found: Mapping[str, Sequence[str]], file: str) -> tuple[Event, datetime]:
    persons = {survivor: tuple(files) for survivor, files in found.items()}
    how = {"reason": act["reason"], "as_of": act["recorded_at"], "revision": act["revision"]}
    (fact,) = _facts(act["kind"], act["act_id"], persons, [file], **how)
    return fact, fact.as_of
