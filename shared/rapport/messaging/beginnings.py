"""The first start of a service, an explicit act: for each subscribed partition without one, a row where to begin.

A missing row is therefore never a guess, and a partition that was read before keeps its position.
"""

from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition

from rapport.database import create_engine
from rapport.events.base import Event
from rapport.messaging.clients import connection_options, stop
from rapport.messaging.offsets import begin_at
from rapport.messaging.records import TopicPartition
from rapport.settings import KafkaSettings


class TopicsMissing(Exception):
    """Topics the service hears do not exist; the text names them."""


async def write_beginnings(url: str, kafka: KafkaSettings, hears: Iterable[type[Event]]) -> int:
    """Write the beginning of the log for each partition that has no row; returns how many. Raises TopicsMissing."""
    names = sorted(kafka.topic_prefix + event.name for event in hears)
    consumer = AIOKafkaConsumer(**connection_options(kafka), enable_auto_commit=False)
    await consumer.start()
    try:
        existing = await consumer.topics()
        missing = [name for name in names if name not in existing]
        if missing:
            raise TopicsMissing(f"these topics do not exist: {', '.join(missing)}")
        partitions = [KafkaPartition(name, number) for name in names for number in range(kafka.partitions)]
        beginnings = await consumer.beginning_offsets(partitions)
    finally:
        await stop(consumer)
    engine = create_engine(url, application="rapport migrate", pool_size=1)
    try:
        async with engine.begin() as connection:
            return await begin_at(connection, {TopicPartition(*tp): offset for tp, offset in beginnings.items()})
    finally:
        await engine.dispose()
