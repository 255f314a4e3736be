"""Two people who merge files and separate them again over customer-profile's API, and who is one person after it by a
model of its own.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from random import Random
from uuid import uuid4

from httpx import ASGITransport, AsyncClient, Request

from rapport.composition import Runtime
from rapport.serving import api_of
from tests.support.tokens import TestIssuer


@dataclass(frozen=True, slots=True)
class People:
    """`clerk` proposes and may not decide; `lead` decides, and sees what a customer's portrait comes to."""

    clerk: AsyncClient
    lead: AsyncClient

    async def merge(self, survivor: str, merged: str) -> str:
        """The id of the merge, which holds from now on."""
        asked = {"survivor": survivor, "merged": merged, "reason": "known-to-staff"}
        return await self._decided(await _made(self.clerk, "/merges", asked))

    async def unmerge(self, merge_id: str) -> None:
        await self._decided(await _made(self.clerk, f"/merges/{merge_id}/unmerge", {"reason": "mistaken"}))

    async def _decided(self, merge_id: str) -> str:
        return await _made(self.lead, f"/merges/{merge_id}/decision", {"decision": "approve"})


async def _made(client: AsyncClient, path: str, body: dict[str, str]) -> str:
    """Whoever is told that the service is too busy asks the same again, and nothing is done twice by it."""
    same = {"Idempotency-Key": str(uuid4())}
    while (answer := await client.post(path, json=body, headers=same)).status_code == 503:
        await asyncio.sleep(0.5)
    assert answer.status_code == 201, answer.text
    merge_id: str = answer.json()["merge_id"]
    return merge_id


@asynccontextmanager
async def people_at(profile: Runtime, issuer: TestIssuer) -> AsyncIterator[People]:
    """Their clients of this service's API."""
    app = api_of(profile)
    async with AsyncExitStack() as open_ones:
        clients = []
        for role, subject in (("data_admin", "e-7"), ("compliance", "e-9")):
            client = AsyncClient(
                transport=ASGITransport(app),
                base_url="http://customer-profile",
                auth=partial(_signed, issuer=issuer, role=role, subject=subject),
            )
            clients.append(await open_ones.enter_async_context(client))
        yield People(*clients)


def _signed(request: Request, *, issuer: TestIssuer, role: str, subject: str) -> Request:
    """A token for each request: one lasts five minutes, and a campaign longer."""
    request.headers.update(issuer.bearer(role, subject=subject))
    return request


@dataclass
class Merging:
    """Acts at random; an undoing is of the latest merge of a person. `persons`: survivor → files, by this model."""

    people: People
    files: Sequence[str]
    draw: Random
    acts: int = 0
    separations: int = 0
    persons: dict[str, frozenset[str]] = field(init=False)
    merges: dict[str, list[tuple[str, str, frozenset[str]]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.persons = {file: frozenset({file}) for file in self.files}

    async def act(self) -> None:
        """A merge, or the undoing of one."""
        undoable = self._undoable
        if len(self.persons) < 4 or (undoable and self.draw.random() < 0.45):
            await self.undo(self.draw.choice(undoable))
        else:
            await self.merge_two()

    async def merge_half(self) -> None:
        """Until half of the files are another's."""
        while len(self.persons) > len(self.files) // 2:
            await self.merge_two()

    async def merge_two(self) -> None:
        """Named by any file of theirs."""
        survivor, merged = self.draw.sample(sorted(self.persons), 2)
        one, other = (self.draw.choice(sorted(self.persons[person])) for person in (survivor, merged))
        merge_id = await self.people.merge(one, other)
        taken = self.persons.pop(merged)
        self.persons[survivor] |= taken
        self.merges[survivor].append((merge_id, merged, taken))
        self.acts += 1

    async def undo(self, survivor: str) -> None:
        """The latest merge into this file."""
        merge_id, merged, taken = self.merges[survivor].pop()
        await self.people.unmerge(merge_id)
        self.persons[survivor] -= taken
        self.persons[merged] = taken
        self.acts += 1
        self.separations += 1

    async def undo_all(self) -> None:
        while undoable := self._undoable:
            await self.undo(undoable[0])

    @property
    def _undoable(self) -> list[str]:
        return [survivor for survivor in sorted(self.persons) if self.merges[survivor]]
