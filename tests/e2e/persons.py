"""Who is one person after an act: by customer-profile's rules alone, or as it told it itself, over a real database."""

import asyncio
from collections.abc import Awaitable, Sequence
from random import Random
from typing import Protocol, TypeVar
from uuid import UUID

from customer_profile.merge.domain.acts import Act, Persons, persons_by
from tests.churn_alert.lives import START
from tests.customer_profile.facts import customer, record
from tests.customer_profile.merge import merging
from tests.support.delivering import Delivering

T = TypeVar("T")


class Profile(Protocol):
    """Says who is one person after an act on two files; a merge has an id, by which it is undone."""

    def merge(self, survivor: str, merged: str) -> tuple[UUID, Persons]: ...

    def unmerge(self, merge_id: UUID) -> Persons: ...


class Ledger:
    """By customer-profile's rules alone, over all acts there ever were."""

    def __init__(self, files: Sequence[str]) -> None:
        self._files = files
        self.acts: dict[UUID, Act] = {}

    def merge(self, survivor: str, merged: str) -> tuple[UUID, Persons]:
        act = self._entered(Act(UUID(int=len(self.acts)), "merge", survivor, merged, START))
        return act.act_id, self._persons()

    def unmerge(self, merge_id: UUID) -> Persons:
        undone = self.acts[merge_id]
        self._entered(Act(UUID(int=len(self.acts)), "unmerge", undone.survivor, undone.merged, START))
        return self._persons()

    def _entered(self, act: Act) -> Act:
        self.acts[act.act_id] = act
        return act

    def _persons(self) -> Persons:
        return persons_by(self.acts.values(), self._files)


class Service:
    """By customer-profile itself: proposed and decided by two people, and told; over a real database."""

    def __init__(self, service: Delivering, runner: asyncio.Runner, draw: Random, files: Sequence[str]) -> None:
        self._service, self._runner, self._draw, self._files = service, runner, draw, list(files)
        self._told = 0
        self.run(service.deliver(*[record(service, customer(file, identity=None)) for file in files]))

    def run(self, asked: Awaitable[T]) -> T:
        async def wait() -> T:
            return await asked

        return self._runner.run(wait())

    def rows(self) -> dict[str, list[str]]:
        """All that is kept of files."""
        return self.run(merging.rows_of(self._service, self._files))

    def merge(self, survivor: str, merged: str) -> tuple[UUID, Persons]:
        return self.run(merging.merge(self._service, survivor, merged)), self._persons()

    def unmerge(self, merge_id: UUID) -> Persons:
        self.run(merging.unmerge(self._service, merge_id))
        return self._persons()

    def _persons(self) -> Persons:
        """What was told since, under whichever file it is heard."""
        told = self.run(merging.told(self._service))
        new, self._told = told[self._told :], len(told)
        assert {fact["customer_id"] for fact in new} == {file for one in new[0]["persons"] for file in one["files"]}
        return {one["survivor"]: tuple(one["files"]) for one in self._draw.choice(new)["persons"]}
