"""Plain re-publishing: aiokafka reads a topic and sends each record on as it is, with no id, no order, no effect once.

`python -m benchmarks.republishing BOOTSTRAP FROM TO COUNT` prints the seconds from the first record to the last
acknowledgement.
"""

import asyncio
import sys
from time import perf_counter

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition


async def main(bootstrap: str, source: str, target: str, count: int) -> float:
    """Seconds for `count` records."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    consumer.assign([KafkaPartition(source, number) for number in range(24)])
    await consumer.seek_to_beginning()
    done, began = 0, 0.0
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_batch_size=256 * 1024) as producer:
        while done < count:
            fetched = await consumer.getmany(timeout_ms=250, max_records=5000)
            began = began or perf_counter()
            records = [record for of_partition in fetched.values() for record in of_partition]
            sent = [await producer.send(target, r.value, key=r.key, partition=r.partition) for r in records]
            await asyncio.gather(*sent)
            done += len(records)
        seconds = perf_counter() - began
    await consumer.stop()
    return seconds


if __name__ == "__main__":
    print(uvloop.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))))
