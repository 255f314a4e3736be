"""What a worker lets others see of itself: the steps of a poll, outcomes and reaction times. The base sees nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from rapport.events.base import Received
from rapport.messaging.offsets import Counts
from rapport.messaging.records import TopicPartition

STEPS = (
    "polled",
    "begun",
    "fenced",
    "locked",
    "sorted",
    "handled",
    "told",
    "advanced",
    "committed",
    "relay-read",
    "relay-sent",
    "relay-deleted",
)
"""The named points of one event's way, in order; the fault campaign kills a worker at each."""


class Observer:
    """Override what you want to see. Nothing here may raise or wait."""

    def step(self, name: str) -> None:
        """A step of the poll or of the relay was just passed."""

    def begin(self, events: Sequence[Received[Any]]) -> None:
        """These events are about to be handled; a trace may replace their `traceparent` by its own span's."""

    def committed(
        self, counts: Mapping[TopicPartition, Counts], lags: Mapping[TopicPartition, int], seconds: float
    ) -> None:
        """A poll had its effect."""

    def refused_fields(self, topic: str, count: int) -> None:
        """Records of this topic held so many fields that are unknown or never kept; nothing of them was kept."""

    def rolled_back(self, error: BaseException) -> None:
        """A poll was undone and will be tried again."""

    def ended(self, error: BaseException | None = None) -> None:
        """What was begun outside a poll, as a dead letter that is handled once more, is over; `error`: by which."""

    def relayed(self, topic: str, count: int, reaction_seconds: Sequence[float]) -> None:
        """Facts are on Kafka; how long after the publication of what caused them."""

    def part_failed(self, part: str, error: BaseException) -> None:
        """The consumer, relay or another part failed and is begun again."""

    def sweep_failed(self, name: str, reason: str) -> None:
        """A due row cannot be fired; it is left until this worker starts again, the others go on."""

    def retold(self, concept: str, count: int, *, is_done: bool) -> None:
        """So many states of a concept were told again by this worker in the present round."""

    def fenced(self) -> None:
        """A poll was refused: another worker owns its partitions."""

    def stopped(self, reason: str) -> None:
        """The consumer stopped for good and needs a person."""
