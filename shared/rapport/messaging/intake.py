"""Records fetched and not yet handled, by partition, and which of them are next.

In stream time the bank's topics of a partition are merged by (time, topic, offset) and what is ahead of the slowest
waits, so that a replay at any speed takes them in the order of life. In wall time whatever is there is next.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from rapport.messaging.records import Arrival, RawRecord, TopicPartition

_EPOCH = datetime.fromtimestamp(0, UTC)


class Intake:
    """Buffers of one assignment. `merged`: the topics whose order is kept in stream time; none in wall time."""

    def __init__(self, decode: Callable[[RawRecord], Arrival], *, merged: frozenset[str]) -> None:
        self._decode = decode
        self._merged = merged
        self._undecoded: deque[RawRecord] = deque()
        self._waiting: dict[TopicPartition, deque[Arrival]] = {}
        self._next: dict[TopicPartition, int] = {}
        self._clocks: dict[int, datetime] = {}
        self._marks: dict[TopicPartition, datetime] = {}

    def assign(self, offsets: Mapping[TopicPartition, int], clocks: Mapping[int, datetime]) -> None:
        """Forget everything and begin at these offsets and these positions of stream time."""
        self._undecoded.clear()
        self._waiting = {tp: deque() for tp in sorted(offsets)}
        self._next = dict(offsets)
        self._clocks = dict(clocks)
        self._marks = {}

    def add(self, records: Iterable[RawRecord]) -> None:
        """Keep records as they come from Kafka."""
        self._undecoded.extend(records)

    def decode(self, limit: int) -> int:
        """Decode so many records at most; returns how many.

        Those before the position of their log, or of one that is not assigned, are dropped.
        """
        count = min(limit, len(self._undecoded))
        for _ in range(count):
            raw = self._undecoded.popleft()
            arrival = self._decode(raw)
            begins_at = self._next.get(arrival.log)
            if begins_at is None or raw.offset < begins_at:
                continue
            arrival.begins_at, self._next[arrival.log] = begins_at, raw.offset + 1
            self._waiting[arrival.log].append(arrival)
        return count

    def __len__(self) -> int:
        """How many records are here, decoded or not."""
        return len(self._undecoded) + sum(map(len, self._waiting.values()))

    def position(self, tp: TopicPartition) -> int:
        """The offset after the last record of a partition that was handed out."""
        queue = self._waiting[tp]
        return queue[0].begins_at if queue else self._next[tp]

    def waiting(self) -> dict[TopicPartition, int]:
        """How many decoded records wait in each partition: fetching the longest queues can pause."""
        return {tp: len(queue) for tp, queue in self._waiting.items()}

    def take(self, limit: int) -> list[Arrival]:
        """The next records to handle, at most `limit`, contiguous in each partition; decodes what that needs."""
        taken = self._take_decoded(limit)
        while len(taken) < limit and self.decode(limit - len(taken)):
            taken += self._take_decoded(limit - len(taken))
        return taken

    def _take_decoded(self, limit: int) -> list[Arrival]:
        taken: list[Arrival] = []
        merged: dict[int, dict[TopicPartition, deque[Arrival]]] = defaultdict(dict)
        for tp, queue in self._waiting.items():
            if tp.topic in self._merged:
                merged[tp.partition][tp] = queue
            else:
                self._take_plain(queue, taken, limit)
        for partition, queues in merged.items():
            self._take_merged(partition, queues, taken, limit)
        return taken

    def _take_plain(self, queue: deque[Arrival], taken: list[Arrival], limit: int) -> None:
        while queue and len(taken) < limit:
            arrival = queue.popleft()
            if arrival.event is not None and self._merged:
                arrival.event.at = self._clocks.get(arrival.raw.partition, _EPOCH)
            taken.append(arrival)

    def _take_merged(
        self, partition: int, queues: Mapping[TopicPartition, deque[Arrival]], taken: list[Arrival], limit: int
    ) -> None:
        clock = self._clocks.get(partition, _EPOCH)
        while len(taken) < limit:
            first = self._first_of(queues)
            if first is None:
                break
            arrival = queues[first].popleft()
            clock = max(clock, arrival.time or clock)
            arrival.position = clock
            if arrival.event is not None:
                arrival.event.at = clock
            elif arrival.is_mark:
                self._marks[first] = clock
            taken.append(arrival)
        self._clocks[partition] = clock

    def _first_of(self, queues: Mapping[TopicPartition, deque[Arrival]]) -> TopicPartition | None:
        """The log whose head is next, or None while a log that is empty may still bring something earlier."""
        filled = [tp for tp, queue in queues.items() if queue]
        if not filled:
            return None
        # A record without a time of its own (undecodable, unknown) goes as soon as it heads its log.
        first = min(filled, key=lambda tp: (queues[tp][0].time or _EPOCH, tp.topic))
        head = queues[first][0]
        if head.time is None or len(filled) == len(queues):
            return first
        # What a mark closed brings nothing dated before it: only what is earlier, or a mark itself, need not wait.
        # Where marks are not known, as after a restart, the clock stands in: no topic that is slower let it pass.
        clock = self._clocks.get(first.partition, _EPOCH)
        closed = min(max(self._marks.get(tp, clock), clock) for tp, queue in queues.items() if not queue)
        return first if closed > head.time or (head.is_mark and closed == head.time) else None
