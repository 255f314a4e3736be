"""Every state is told again within the compaction lag, so that a log that went wrong heals and a restored service can
rebuild its copies.

A frozen relay that wakes can put an old state after a new one, and compaction would keep the old. Readers apply only a
higher revision; re-telling puts the newest at the end again.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.events.base import Event
from rapport.messaging.observer import Observer
from rapport.messaging.transaction import Transaction, Transactions

ReadStates = Callable[[AsyncConnection, str, int], Awaitable[Sequence[tuple[Event, datetime]]]]

EVERY = timedelta(days=3)
"""Half of the compaction lag of 7 days, less a day of grace."""
_PAGE = 500
_BEGIN = text(
    "INSERT INTO retellings (concept, round, told_up_to) VALUES (:concept, :round, NULL) ON CONFLICT DO NOTHING"
)
_CLAIM = text("SELECT round, told_up_to FROM retellings WHERE concept = :concept FOR UPDATE SKIP LOCKED")
_ROUND = text("SELECT round FROM retellings WHERE concept = :concept")
_NOTE = text("UPDATE retellings SET round = :round, told_up_to = :told_up_to WHERE concept = :concept")


async def version_told(connection: AsyncConnection, concept: str) -> int:
    """By which version the states of a concept have begun to be told; 0 before the first round."""
    row = (await connection.execute(_ROUND, {"concept": concept})).one_or_none()
    return 0 if row is None else _version(row.round)


def _version(told_round: str) -> int:
    """Rounds of releases before this had no version."""
    version, _, number = told_round.partition(".")
    return int(version) if number else 0


@dataclass(frozen=True, slots=True)
class States:
    """The states one concept tells. `read(connection, after, limit)`: those after a customer id, in order of it.

    `version`: of what the states are reckoned by beside the rows; when it rises all are told again at once.
    """

    concept: str
    read: ReadStates
    version: int = 0


class Retelling:
    """Tells all states of one concept again, a page at a time, so that it never holds up the present."""

    def __init__(self, transactions: Transactions, states: States, observer: Observer | None = None) -> None:
        self._transactions = transactions
        self._states = states
        self._observer = observer or Observer()
        self._told = 0

    async def tell_page(self, now: datetime) -> bool:
        """Tell the next page of the round `now` falls into; False when it is told, or another worker is at it.

        How far a round has come is a row, so a worker that starts again goes on; a concept's first round only begins
        with the one after its row was made. A state told twice in one round has the same id. A worker of an older
        version leaves a round of a newer one alone.
        """
        version = self._states.version
        number = int(now.timestamp() // EVERY.total_seconds())
        this_round = f"{version}.{number}" if version else str(number)
        async with self._transactions.begin() as tx:
            await tx.connection.execute(_BEGIN, {"concept": self._states.concept, "round": this_round})
            row = (await tx.connection.execute(_CLAIM, {"concept": self._states.concept})).one_or_none()
            if row is None or (row.round == this_round and row.told_up_to is None) or _version(row.round) > version:
                return False
            after = row.told_up_to if row.round == this_round else ""
            told_up_to = await self._tell(tx, this_round, after)
            note = {"concept": self._states.concept, "round": this_round, "told_up_to": told_up_to}
            await tx.connection.execute(_NOTE, note)
        self._observer.retold(self._states.concept, self._told, is_done=told_up_to is None)
        return told_up_to is not None

    async def _tell(self, tx: Transaction, this_round: str, after: str) -> str | None:
        seen = await self._states.read(tx.connection, after, _PAGE)
        # Read again under their locks: a state that changed meanwhile would be told after the newer one.
        await tx.lock([state.key for state, _ in seen])
        page = await self._states.read(tx.connection, after, _PAGE)
        self._told = len(page) + (self._told if after else 0)
        for state, time in page:
            tx.tell(state, time=time, cause=f"retelling:{this_round}")
        return page[-1][0].key if len(page) == _PAGE else None
