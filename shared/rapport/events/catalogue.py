"""Every event there is, and the topic each lies in: what topics, references and contract tests are made from."""

from collections.abc import Iterator
from types import ModuleType

from rapport.events import bank, churn_alert, contact, customer_profile, ecif, feedback, scoring
from rapport.events.bank import BankEvent, DayClosed
from rapport.events.base import Event

PRODUCERS: tuple[ModuleType, ...] = (bank, ecif, customer_profile, scoring, churn_alert, feedback, contact)
"""One module each, the bank first; what several tell has a module of its own."""

PARTITIONS = 24
"""Of every topic, for ever: a keyed topic that grows breaks the order of its customers."""

_DAY_MS = 24 * 60 * 60 * 1000
_LARGEST_RECORD = 4 * 1024 * 1024


def events() -> tuple[type[Event], ...]:
    """All event classes, by producer and then by name."""
    return tuple(event for module in PRODUCERS for event in sorted(_told_by(module), key=lambda event: event.name))


def topics() -> tuple[type[Event], ...]:
    """The events that have a topic of their own: all but the end-of-day mark, which travels in each of the bank's."""
    return tuple(event for event in events() if event is not DayClosed)


def carries_marks(event: type[Event]) -> bool:
    """Whether end-of-day marks lie in this event's topic."""
    return issubclass(event, BankEvent)


def is_undisclosed(topic: str) -> bool:
    """Whether nobody but compliance may learn that something was told on this topic, whatever prefix its name has."""
    return topic.endswith(_UNDISCLOSED)


def topic_configuration(event: type[Event]) -> dict[str, str | int]:
    """Kafka's settings of the event's topic.

    State is compacted no sooner than 7 days after it was told, within which every teller tells it again, and tombstones
    stay as long; history is kept 90 days, identity and free text 7. Records up to 4 MiB are let in, so that one that is
    too large becomes a dead letter with its reason and is not lost at the producer.
    """
    if event.is_state:
        kept: dict[str, str | int] = {
            "cleanup.policy": "compact",
            "min.compaction.lag.ms": 7 * _DAY_MS,
            "delete.retention.ms": 7 * _DAY_MS,
        }
    else:
        kept = {"cleanup.policy": "delete", "retention.ms": (7 if event.is_confidential else 90) * _DAY_MS}
    # By the broker's clock: a source that stamps records with a historic time would lose them to retention at once.
    return {**kept, "max.message.bytes": _LARGEST_RECORD, "message.timestamp.type": "LogAppendTime"}


def _told_by(module: ModuleType) -> Iterator[type[Event]]:
    for value in vars(module).values():
        is_own = isinstance(value, type) and value.__module__ == module.__name__
        if is_own and issubclass(value, Event) and "name" in vars(value):
            yield value


_UNDISCLOSED = tuple(event.name for event in events() if event.is_for_compliance)
