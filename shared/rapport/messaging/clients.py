"""aiokafka clients as delivery needs them: nothing guessed, nothing committed, all acknowledged.

A client that failed is thrown away and a new one made: an idempotent producer never recovers from a lost sequence, and
`stop` of a client whose broker is gone can hang, so it gets a time limit.
"""

import asyncio
from collections.abc import Callable, Collection
from time import time
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor

from rapport.messaging import connections
from rapport.messaging.records import MAX_VALUE_BYTES, RawRecord, TopicPartition
from rapport.settings import KafkaSettings
from rapport.trust import trusting

_STOP_SECONDS = 10
_ANSWER_SECONDS = 3
_LOOK_MS = 250
_SILENT_MS = 60_000
"""A client whose fetches the broker has not answered for so long, though it answers empty ones too, is stuck."""
_PATIENT_BYTES, _PATIENT_MS = 16 * 1024, 5
_IDLE_BYTES, _IDLE_MS = 1, 500

connections.install()


def connection_options(kafka: KafkaSettings) -> dict[str, Any]:
    """What every aiokafka client needs to reach the cluster."""
    options: dict[str, Any] = {
        "bootstrap_servers": kafka.bootstrap_servers,
        "security_protocol": kafka.security_protocol,
    }
    if "SSL" in kafka.security_protocol:
        context = trusting(kafka.ca_file)
        if kafka.certificate_file:
            context.load_cert_chain(kafka.certificate_file, kafka.key_file)
        options["ssl_context"] = context
    if kafka.sasl_mechanism:
        options |= {"sasl_mechanism": kafka.sasl_mechanism, "sasl_plain_username": kafka.sasl_username}
        options["sasl_plain_password"] = kafka.sasl_password.get_secret_value() if kafka.sasl_password else None
    return options


class ClientStuck(Exception):
    """aiokafka's own tasks have ended without an error that reaches us: a new client is made."""


class AssignmentWatch(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """Counts changes of assignment, synchronously: aiokafka exposes a new assignment before anything is awaited."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change

    async def on_partitions_revoked(self, revoked: Collection[KafkaPartition]) -> None:  # noqa: ARG002
        """A rebalance began."""
        self._on_change()

    async def on_partitions_assigned(self, assigned: Collection[KafkaPartition]) -> None:  # noqa: ARG002
        """A rebalance ended."""
        self._on_change()


def consumer(kafka: KafkaSettings, *, group: str, instance: str) -> AIOKafkaConsumer:
    """A consumer that commits nothing and never guesses where to begin."""
    return AIOKafkaConsumer(
        **connection_options(kafka),
        group_id=group,
        client_id=instance,
        group_instance_id=instance,
        enable_auto_commit=False,
        auto_offset_reset="none",
        partition_assignment_strategy=(RangePartitionAssignor,),
        session_timeout_ms=kafka.session_timeout_ms,
        heartbeat_interval_ms=kafka.session_timeout_ms // 4,
        max_poll_interval_ms=300_000,
        fetch_min_bytes=_IDLE_BYTES,
        fetch_max_wait_ms=_IDLE_MS,
        max_partition_fetch_bytes=MAX_VALUE_BYTES,
        request_timeout_ms=15_000,
    )


async def fetch(consumer: AIOKafkaConsumer, *, limit: int) -> list[RawRecord]:
    """What has come, as soon as anything has; nothing after a quarter of a second. Raises ClientStuck."""
    fetched = await consumer.getmany(timeout_ms=_LOOK_MS, max_records=limit)
    if not fetched:
        answered = max((consumer.last_poll_timestamp(tp) or 0 for tp in consumer.assignment()), default=0)
        if answered and time() * 1000 - answered > _SILENT_MS:
            raise ClientStuck
    gather(consumer, is_busy=bool(fetched))
    return [
        RawRecord(r.topic, r.partition, r.offset, r.timestamp, r.key, r.value, r.headers)
        for records in fetched.values()
        for r in records
    ]


def gather(consumer: AIOKafkaConsumer, *, is_busy: bool) -> None:
    """How long the broker holds an answer back: not at all while idle, else up to 5 ms for 16 KiB.

    A request names every partition, so one for each record that arrives took half of a worker and of the broker. Why
    through aiokafka's own attributes: docs/decisions/0009-fetches-gather-while-busy.md.
    """
    fetcher = consumer._fetcher  # noqa: SLF001
    fetcher._fetch_min_bytes = _PATIENT_BYTES if is_busy else _IDLE_BYTES  # noqa: SLF001
    fetcher._fetch_max_wait_ms = _PATIENT_MS if is_busy else _IDLE_MS  # noqa: SLF001


def producer(kafka: KafkaSettings, *, name: str) -> AIOKafkaProducer:
    """A producer that waits for all replicas and repeats nothing by itself."""
    return AIOKafkaProducer(
        **connection_options(kafka),
        client_id=name,
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=256 * 1024,
        max_request_size=8 * MAX_VALUE_BYTES,
        request_timeout_ms=15_000,
    )


def log_end(consumer: AIOKafkaConsumer, tp: TopicPartition) -> int | None:
    """Where a log ends, as far as was fetched. None where it is not ours any more: a new assignment is there before the
    listener is told of it, and aiokafka asserts that one asks for one's own partitions only."""
    partition = KafkaPartition(*tp)
    return consumer.highwater(partition) if partition in consumer.assignment() else None


async def ask(consumer: AIOKafkaConsumer) -> None:
    """Raises an error of Kafka, or TimeoutError, when no broker answers within 3 s."""
    async with asyncio.timeout(_ANSWER_SECONDS):
        await consumer.topics()


async def stop(client: AIOKafkaConsumer | AIOKafkaProducer | None) -> None:
    """End a client, however it feels: one that does not answer within the time is left to itself."""
    if client is not None:
        await asyncio.wait({asyncio.ensure_future(client.stop())}, timeout=_STOP_SECONDS)
