"""Makes the topics that are not there yet, with their settings; a topic that is there is left as it is."""

import asyncio
from collections.abc import Mapping

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

TopicSettings = Mapping[str, str | int]


async def create_topics(
    bootstrap_servers: str,
    topics: Mapping[str, TopicSettings],
    *,
    partitions: int = 24,
    replication: int = 1,
    prefix: str = "",
) -> list[str]:
    """Make each topic of `topics` (name to settings) that is missing, and wait for its leaders; returns the new names.

    Raises KafkaError when the broker refuses one.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=30_000)
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        wanted = [
            NewTopic(prefix + name, partitions, replication, topic_configs={k: str(v) for k, v in settings.items()})
            for name, settings in topics.items()
            if prefix + name not in existing
        ]
        if wanted:
            _raise_refusals(await admin.create_topics(wanted, timeout_ms=30_000))
            await _until_led(admin, [topic.name for topic in wanted])
        return [topic.name for topic in wanted]
    finally:
        await admin.close()


def _raise_refusals(response: object) -> None:
    for topic, code, *reason in getattr(response, "topic_errors", ()):
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise error(f"topic {topic}: {reason[0] if reason else ''}")


async def _until_led(admin: AIOKafkaAdminClient, names: list[str], *, patience: float = 30.0) -> None:
    """A producer that is faster than the election would be told that the partition has no leader."""
    for _ in range(int(patience / 0.05)):
        described = await admin.describe_topics(names)
        if all(not topic["error_code"] and all(p["leader"] >= 0 for p in topic["partitions"]) for topic in described):
            return
        await asyncio.sleep(0.05)
    raise KafkaError(f"topics without leaders after {patience:.0f} s: {', '.join(names)}")
