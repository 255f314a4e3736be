"""The consumer's loop, where aiokafka does what no broker can be made to do at will."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace

from aiokafka import TopicPartition as KafkaPartition

from rapport.messaging import clients
from rapport.messaging.consuming import Consuming
from rapport.messaging.observer import Observer
from rapport.messaging.records import RawRecord
from tests.support.delivering import Delivering
from tests.support.tally import NumberSaid


class TakenAway:
    """Loses its partition while a record of it is on its way, before any listener is told, as in a rebalance."""

    def __init__(self, record: RawRecord) -> None:
        self._record = record
        self._partition = KafkaPartition(record.topic, record.partition)
        self._assigned = frozenset({self._partition})
        self._fetcher = SimpleNamespace()

    def assignment(self) -> frozenset[KafkaPartition]:
        return self._assigned

    def seek(self, partition: KafkaPartition, _: int) -> None:
        assert partition in self._assigned

    def resume(self, *partitions: KafkaPartition) -> None:
        assert self._assigned.issuperset(partitions)

    async def getmany(self, **_: int) -> Mapping[KafkaPartition, Sequence[SimpleNamespace]]:
        self._assigned = frozenset()
        r = self._record
        fields = {
            name: getattr(r, name) for name in ("topic", "partition", "offset", "timestamp", "key", "value", "headers")
        }
        return {self._partition: [SimpleNamespace(**fields)]}

    def highwater(self, partition: KafkaPartition) -> int:
        assert partition in self._assigned, "Partition is not assigned"
        return 1


async def test_while_records_come_the_broker_gathers_them_and_an_idle_worker_gets_the_first_at_once(
    tally_on_kafka: Delivering,
) -> None:
    consumer = clients.consumer(tally_on_kafka.runtime.settings.kafka, group="gathering", instance="gathering-0")
    await consumer.start()
    try:
        # The values the client was made with stand where they are changed: else an upgrade has renamed them.
        fetcher = consumer._fetcher
        assert (fetcher._fetch_min_bytes, fetcher._fetch_max_wait_ms) == (1, 500)
        clients.gather(consumer, is_busy=True)
        assert fetcher._fetch_min_bytes > 1 and 0 < fetcher._fetch_max_wait_ms < 15
        clients.gather(consumer, is_busy=False)
        assert (fetcher._fetch_min_bytes, fetcher._fetch_max_wait_ms) == (1, 500)
    finally:
        await clients.stop(consumer)


async def test_a_partition_that_is_taken_away_during_a_poll_does_not_end_the_consumer(tally: Delivering) -> None:
    record = tally.feed.record(NumberSaid(customer_id="c-1", number=5))
    consuming = Consuming(tally.runtime.transactions, tally.poll, tally.runtime.settings.kafka, Observer())
    for _ in range(2):  # one that fetches, one that applies
        await consuming._round(TakenAway(record))
    # The database still says that it is ours: the record has its effect, and the fence stops us when it is not.
    assert (await tally.counts())["applied"] == 1
