"""A dead letter handled once more, on request: as if it had just come, outside the log it once lay in."""

from rapport.clock import utc_now
from rapport.messaging import dead_letters
from rapport.messaging.dead_letters import DeadLetter
from rapport.messaging.decoding import decode
from rapport.messaging.inbox import Inbox
from rapport.messaging.locks import lock_customers
from rapport.messaging.offsets import TopicPartition, advance
from rapport.messaging.poll import Poll, is_permanent, why
from rapport.messaging.records import RawRecord
from rapport.messaging.transaction import Transaction, Transactions, stream_positions


class Replay:
    """Handles the dead letters whose replay was asked for; what fails again stays, with its present reason."""

    def __init__(self, transactions: Transactions, poll: Poll, inbox: Inbox) -> None:
        self._transactions = transactions
        self._poll = poll
        self._inbox = inbox

    async def next(self) -> bool:
        """Handle one; False when none was asked for."""
        try:
            return await self._next()
        except Exception as error:
            if not is_permanent(error):
                raise
            await self._refuse(why(error))
            return True

    async def _next(self) -> bool:
        service = self._transactions.service
        async with self._transactions.engine.begin() as connection:
            found = await dead_letters.next_requested(connection)
            if found is None:
                return False
            identifier, record, is_encrypted = found
            tx = Transaction(service, connection, utc_now())
            raw = tx.unsealed(record, is_encrypted=is_encrypted)
            arrival = decode(raw, service.hears, partitions=service.partitions)
            if arrival.event is None:
                await self._keep(tx, raw, arrival.fault or "record: no event this service hears")
                return True
            event = arrival.event
            await lock_customers(connection, [event.data.key], partitions=service.partitions)
            tx.positions = await stream_positions(connection) if service.is_stream_time else {}
            event.at = tx.clock_of(event.data.key)
            inbox = await self._inbox.sort(connection, [event])
            await self._poll.handle(tx, inbox.fresh)
            if event.id in tx.refused or inbox.altered:
                await self._inbox.forget(connection, list(tx.refused))
                reason = tx.refused[event.id].reason if tx.refused else "ce_id: seen before with other content"
                await self._keep(tx, raw, reason)
                return True
            await dead_letters.remove(connection, identifier)
            counts = tx.count(TopicPartition(raw.topic, raw.partition))
            counts.dead_lettered -= 1
            counts.applied += len(inbox.fresh) - len(tx.parked)
            counts.duplicate += len(inbox.duplicates)
            await tx.flush()
            await advance(connection, {}, tx.counts)
        self._transactions.committed()
        return True

    async def _keep(self, tx: Transaction, raw: RawRecord, reason: str) -> None:
        letter = DeadLetter(raw, reason, f"{self._transactions.service.name}:replay")
        await dead_letters.keep(tx.connection, [(letter, *tx.sealed(raw))], tx.now)

    async def _refuse(self, reason: str) -> None:
        async with self._transactions.engine.begin() as connection:
            found = await dead_letters.next_requested(connection)
            if found is not None:
                tx = Transaction(self._transactions.service, connection, utc_now())
                await self._keep(tx, tx.unsealed(found[1], is_encrypted=found[2]), reason)
