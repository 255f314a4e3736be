"""Which partition a key belongs to: Kafka's own murmur2, so that every producer and reader agrees."""

from functools import lru_cache

from aiokafka.partitioner import murmur2


@lru_cache(maxsize=200_000)
def partition_of(key: str, partitions: int = 24) -> int:
    """The partition of a record key; the same as the Java client's default partitioner."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)
