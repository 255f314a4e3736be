"""A dead letter handled once more, on request: as if it had just come, outside the log it once lay in."""

from collections import Counter
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.clock import utc_now
from rapport.messaging import dead_letters
from rapport.messaging.inbox import ALTERED, Inbox
from rapport.messaging.offsets import advance
from rapport.messaging.poll import Poll, is_permanent, why
from rapport.messaging.records import TopicPartition
from rapport.messaging.transaction import Transaction, Transactions


class Replay:
    """Handles the dead letters whose replay was asked for; what fails again stays, with its present reason."""

    def __init__(self, transactions: Transactions, poll: Poll, inbox: Inbox) -> None:
        self._transactions = transactions
        self._poll = poll
        self._inbox = inbox

    async def next(self) -> bool:
        """Handle one; False when none was asked for."""
        found = None
        try:
            async with self._transactions.engine.begin() as connection:
                found = await dead_letters.next_requested(connection)
                if found is None:
                    return False
                refusal = await self._handle(connection, found)
                if refusal is not None:
                    await dead_letters.keep_refused(connection, found[0], refusal)
        except Exception as error:
            self._poll.observer.ended(error)
            if found is None or not is_permanent(error):
                raise
            async with self._transactions.engine.begin() as connection:
                await dead_letters.keep_refused(connection, found[0], why(error))
        else:
            self._poll.observer.ended()
        self._transactions.committed()
        return True

    async def _handle(self, connection: AsyncConnection, found: tuple[UUID, bytes, bool]) -> str | None:
        """Have its effect, or say why it cannot be had."""
        service = self._transactions.service
        identifier, record, is_encrypted = found
        tx = Transaction(service, connection, utc_now())
        raw = service.unsealed(record, is_encrypted=is_encrypted)
        event = (arrival := service.decode(raw)).event
        if event is None:
            return arrival.fault or "record: no event this service hears"
        await tx.lock(event.data.customers)
        inbox = await self._inbox.sort(connection, [event])
        event.at = tx.clock_of(event.data.key)
        await self._poll.handle(tx, inbox.fresh)
        if inbox.altered:
            return ALTERED
        if event.id in tx.refused:
            await self._inbox.forget(connection, [event.id])
            return tx.refused[event.id].reason
        await dead_letters.remove(connection, identifier)
        # Others that it woke may be refused now.
        await self._inbox.forget(connection, list(tx.refused))
        await tx.bury(list(tx.refused.values()))
        counts = tx.count(TopicPartition(raw.topic, raw.partition))
        counts.dead_lettered -= 1
        counts.applied += len(inbox.fresh) - len(tx.parked) - len(tx.without_effect)
        became = Counter(tx.without_effect.values())
        counts.duplicate += len(inbox.duplicates) + became["duplicate"]
        counts.skipped += became["skipped"]
        await tx.flush()
        await advance(connection, {}, tx.counts)
        return None
