"""The files of the customers of one transaction: loaded at once, saved at once.

Between, every fact is decided on its own and in its order, and told as soon as it is decided, so that how facts were
batched changes nothing of what is told.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.account.handlers import Accounts
from customer_profile.customer import domain, store
from customer_profile.customer.domain import File, FileStep, StatusStep
from rapport.events.base import Event, Received
from rapport.events.customer_profile import CustomerProfiled
from rapport.ids import new_id
from rapport.messaging.transaction import Transaction
from rapport.privacy.catalogue.document import published
from rapport.row_security import ALL

Cause = Received[Any] | str | None


class Word(NamedTuple):
    """Who moves a relationship, why, and as of when; the core's word is as of its record."""

    reason: domain.Cause
    by: str | None
    occurred_at: datetime


def profiled(file: File) -> CustomerProfiled:
    """What the other services may know of a customer."""
    facts = file.facts
    return CustomerProfiled(
        customer_id=file.customer_id,
        type=facts.type,
        customer_class=file.customer_class,
        relationship_manager=facts.relationship_manager,
        unit=facts.unit,
        region=facts.region,
        age_band=file.age_band,
        gender=facts.gender,
        status=facts.status,
        refuses_automated_decisions=facts.refuses_automated_decisions,
        relationship=file.relationship,
        as_of=file.as_of,
        revision=file.revision,
    )


class Files:
    """The working set of a transaction; its customers are locked."""

    def __init__(self, tx: Transaction, files: dict[str, File], accounts: Accounts) -> None:
        self._tx = tx
        self._files = files
        self._accounts = accounts
        self._changed: set[str] = set()
        self._steps: list[StatusStep] = []

    @classmethod
    async def load(cls, tx: Transaction, customer_ids: Collection[str], *, accounts_of: Collection[str] = ()) -> Self:
        """The files of these customers, and the accounts of those whose accounts may change."""
        files = await store.load(tx.connection, customer_ids)
        return cls(tx, files, await Accounts.load(tx, accounts_of))

    def __contains__(self, customer_id: str) -> bool:
        return customer_id in self._files

    def __iter__(self) -> Iterator[File]:
        return iter(list(self._files.values()))

    def get(self, customer_id: str) -> File | None:
        """The file as it stands now, if there is one."""
        return self._files.get(customer_id)

    def put(self, after: File, *, time: datetime, cause: Cause, word: Word | None = None) -> None:
        """Keep a new or changed file, note a step of the relationship, and tell what the others may know of it.

        Without a `word` the core's record moved the relationship, if anything did.
        """
        before = self._files.get(after.customer_id)
        if after is before:
            return
        self._files[after.customer_id] = after
        self._changed.add(after.customer_id)
        self._note_step(before, after, word or Word("core-record", None, after.recorded.at))
        if before is None or domain.told(before) != domain.told(after):
            self._tx.tell(profiled(after), time=time, cause=cause)

    def _note_step(self, before: File | None, after: File, word: Word) -> None:
        was, customer_id = before.relationship if before else None, after.customer_id
        if was != after.relationship or word.reason == "restriction-lifted":
            self._steps.append(StatusStep(new_id(), customer_id, was, after.relationship, *word, self._tx.now))

    def let_age(self, file: File, *, until: datetime) -> File:
        """The file after what falls due by time alone, which comes before whatever happens at `until`."""
        while file.due_at is not None and file.due_at <= until:
            due_at = file.due_at
            file = domain.aged(file)
            self.put(file, time=due_at, cause=f"age-band:{file.customer_id}:{due_at.isoformat()}")
        return file

    def hear_account(self, event: Received[Any], *, at: datetime) -> None:
        """An account of a customer who has a file; `at` is the clock's reading."""
        change = self._accounts.hear(event)
        self.put(domain.with_accounts(self._files[event.data.customer_id], change, at=at), time=at, cause=event)

    async def save(self) -> None:
        """Write what has changed, each table in one statement."""
        changed = [(self._files[i], self._tx.partition_of(i)) for i in sorted(self._changed)]
        await store.save(self._tx.connection, changed)
        await store.note_steps(self._tx.connection, _in_order(self._steps))
        await store.note_life(self._tx.connection, _lived(self._steps))
        await self._accounts.save(self._tx)


def _ids(number: int) -> list[UUID]:
    """New ones in their order: within a millisecond they have none, and both ledgers of steps are read by them."""
    return sorted(new_id() for _ in range(number))


def _in_order(steps: Sequence[StatusStep]) -> list[StatusStep]:
    return [replace(step, id=step_id) for step_id, step in zip(_ids(len(steps)), steps, strict=True)]


def _lived(steps: Sequence[StatusStep]) -> list[FileStep]:
    version, named = published().version, [(step, name) for step in steps for name in domain.lived(step)]
    return [
        FileStep(step_id, s.customer_id, name, s.by, None, version, None, None, s.occurred_at, s.recorded_at)
        for step_id, (s, name) in zip(_ids(len(named)), named, strict=True)
    ]


async def present_states(connection: AsyncConnection, after: str, limit: int) -> list[tuple[Event, datetime]]:
    """What is to be told again of the customers after this one."""
    files = await store.page(connection, store.Filters(), sight=ALL, after=(after,), limit=limit)
    return [(profiled(file), file.as_of) for file in files]
