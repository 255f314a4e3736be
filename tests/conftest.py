"""What every test may ask for: the stack of the session, a fresh database, topics of its own."""

import os
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from hypothesis import settings

from deploy.local.connections import Connections
from deploy.local.stack import Stack
from tests.support.stack import Databases, FreshDatabase, Topics, stack_of_tests

pytest_plugins = ["tests.support.serving"]

# A shared machine makes a deadline for one example a coin toss.
settings.register_profile("full", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=20)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "full"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever needs the stack is marked so: `-m "not stack"` is the rules alone, in seconds."""
    for item in items:
        if "postgres" in getattr(item, "fixturenames", ()):
            item.add_marker("stack")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Connections]:
    """PostgreSQL, started at the first test that needs it. STACK=containers takes the stack from containers."""
    if os.environ.get("STACK") == "containers":
        from tests.support.containers import stack_of_containers

        with stack_of_containers() as running:
            yield running
        return
    local = stack_of_tests()
    local.start(kafka=False)
    yield local
    local.wipe()


@pytest.fixture(scope="session")
def stack(postgres: Connections) -> Connections:
    """PostgreSQL and Kafka; without topics, see `topics`."""
    if isinstance(postgres, Stack) and postgres.kafka_pid is None:
        postgres.start_kafka()
    return postgres


@pytest.fixture(scope="session")
def databases(postgres: Connections) -> Databases:
    """Migrated templates of this session."""
    return Databases(postgres)


@pytest.fixture
def fresh_database(databases: Databases) -> Iterator[Callable[..., FreshDatabase]]:
    """`fresh_database("scoring")`: migrated, without rows, dropped after the test; `migrated=False`: without tables."""
    made: list[FreshDatabase] = []

    def make(*arguments: object, **options: object) -> FreshDatabase:
        made.append(databases.fresh(*arguments, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for database in made:
        databases.drop(database)


@pytest.fixture
async def topics(stack: Connections) -> AsyncIterator[Topics]:
    """`prefix = await topics.make(["transaction-recorded"])`: topics of this test, removed after it."""
    made = Topics(stack)
    yield made
    await made.remove()
