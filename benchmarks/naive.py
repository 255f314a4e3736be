"""What most services do: one ORM transaction an event. `python -m benchmarks.naive URL BOOTSTRAP PREFIX COUNT`."""

import json
import sys
from time import perf_counter

import uvloop
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from sqlalchemy import BigInteger, Text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.load import TOPIC
from rapport.events.bank import TransactionRecorded


class Base(DeclarativeBase):
    """Tables of the naive service."""


class Seen(Base):
    """An event id."""

    __tablename__ = "naive_inbox"
    event_id: Mapped[str] = mapped_column(Text, primary_key=True)


class Tally(Base):
    """One customer."""

    __tablename__ = "naive_tallies"
    customer_id: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)


async def main(url: str, bootstrap: str, prefix: str, count: int) -> float:
    """Seconds for `count` records."""
    engine = create_async_engine(url)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    consumer.assign([KafkaPartition(prefix + TOPIC, number) for number in range(24)])
    await consumer.seek_to_beginning()
    done, began = 0, 0.0
    while done < count:
        record = await consumer.getone()
        began = began or perf_counter()
        async with sessions() as session, session.begin():
            await _apply(session, dict(record.headers)["ce_id"].decode(), json.loads(record.value))
        done += 1
    seconds = perf_counter() - began
    await consumer.stop()
    await engine.dispose()
    return seconds


async def _apply(session: AsyncSession, identifier: str, data: dict[str, str]) -> None:
    event = TransactionRecorded.model_validate(data)
    if await session.get(Seen, identifier):
        return
    session.add(Seen(event_id=identifier))
    tally = await session.get(Tally, event.customer_id)
    if tally is None:
        session.add(Tally(customer_id=event.customer_id, count=1, total=event.minor))
    else:
        tally.count += 1
        tally.total += event.minor


if __name__ == "__main__":
    print(uvloop.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))))
