"""The floor of throughput: aiokafka and asyncpg with a fence, an inbox and one folded upsert, and no logic at all.

`python -m benchmarks.floor DSN BOOTSTRAP PREFIX COUNT` prints the seconds from the first record to the last commit.
With a COUNT of 0 it goes on for ever and tells Kafka of each new customer after the commit: the floor of latency.
"""

import asyncio
import hashlib
import json
import sys
from time import perf_counter
from uuid import UUID

import asyncpg
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition

from benchmarks.load import NEW, TOLD, TOPIC

TABLES = """
CREATE TABLE floor_offsets (partition smallint PRIMARY KEY, next_offset bigint NOT NULL);
CREATE TABLE floor_inbox (event_id uuid PRIMARY KEY);
CREATE TABLE floor_tallies (customer_id text PRIMARY KEY, count bigint NOT NULL, total bigint NOT NULL);
INSERT INTO floor_offsets SELECT p, 0 FROM generate_series(0, 23) p;
"""
_FENCE = (
    "UPDATE floor_offsets o SET next_offset = p.ends FROM unnest($1::smallint[], $2::bigint[], $3::bigint[]) "
    "AS p(partition, begins, ends) WHERE o.partition = p.partition AND o.next_offset = p.begins"
)
_INBOX = "INSERT INTO floor_inbox SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id"
_UPSERT = (
    "INSERT INTO floor_tallies SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[]) ON CONFLICT (customer_id) "
    "DO UPDATE SET count = floor_tallies.count + excluded.count, total = floor_tallies.total + excluded.total"
)


async def main(dsn: str, bootstrap: str, prefix: str, count: int) -> float:
    """Seconds for `count` records."""
    connection = await asyncpg.connect(dsn)
    consumer = await _consumer(bootstrap, prefix)
    if not count:
        await _tell_for_ever(connection, consumer, bootstrap, prefix)
    done, began = 0, 0.0
    while done < count:
        fetched = await consumer.getmany(timeout_ms=250, max_records=5000)
        began = began or perf_counter()
        if fetched:
            done += await _apply(connection, fetched)
    seconds = perf_counter() - began
    await consumer.stop()
    await connection.close()
    return seconds


async def _consumer(bootstrap: str, prefix: str) -> AIOKafkaConsumer:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    consumer.assign([KafkaPartition(prefix + TOPIC, number) for number in range(24)])
    await consumer.seek_to_beginning()
    return consumer


async def _tell_for_ever(
    connection: asyncpg.Connection, consumer: AIOKafkaConsumer, bootstrap: str, prefix: str
) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        while True:
            if fetched := await consumer.getmany(timeout_ms=250, max_records=5000):
                await _apply(connection, fetched)
                new = [r for records in fetched.values() for r in records if r.key.startswith(NEW)]
                told = [await producer.send(prefix + TOLD, b"{}", key=r.key, partition=r.partition) for r in new]
                await asyncio.gather(*told)


async def _apply(connection: asyncpg.Connection, fetched: dict) -> int:  # type: ignore[type-arg]
    folded: dict[str, tuple[int, int]] = {}
    ids, places = [], []
    for tp, records in fetched.items():
        places.append((tp.partition, records[0].offset, records[-1].offset + 1))
        for record in records:
            data = json.loads(record.value)
            identifier = dict(record.headers)["ce_id"]
            ids.append(UUID(bytes=hashlib.blake2b(identifier, digest_size=16).digest()))
            seen, total = folded.get(data["customer_id"], (0, 0))
            folded[data["customer_id"]] = (seen + 1, total + int(data["amount"].replace(".", "")))
    places.sort()
    customers = sorted(folded)
    async with connection.transaction():
        fenced = await connection.execute(_FENCE, *(list(column) for column in zip(*places, strict=True)))
        assert fenced == f"UPDATE {len(places)}"
        assert len(await connection.fetch(_INBOX, ids)) == len(ids)
        counts, totals = [folded[c][0] for c in customers], [folded[c][1] for c in customers]
        await connection.execute(_UPSERT, customers, counts, totals)
    return len(ids)


if __name__ == "__main__":
    print(uvloop.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))))
