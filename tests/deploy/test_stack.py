"""The stack without containers: who may connect to what, whose files are whose, and what settings topics get."""

import os
import shutil
import stat
from pathlib import Path

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy.local.connections import Connections
from deploy.local.databases import SERVICES, owner_of
from deploy.local.errors import StackError
from deploy.local.place import make_home, place_for, remove_home
from deploy.local.ports import free_port
from deploy.local.stack import Stack, every_topic
from tests.support.stack import Topics


async def connect(url: str) -> asyncpg.Connection:
    return await asyncpg.connect(url.replace("+asyncpg", ""), timeout=10)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_reads_and_writes_rows_and_makes_no_table(postgres: Connections, service: str) -> None:
    owner = await connect(postgres.database_url(service, owner=True))
    await owner.execute("CREATE TABLE probe (n serial PRIMARY KEY, word text)")
    application = await connect(postgres.database_url(service))
    try:
        await application.execute(
            "INSERT INTO probe (word) VALUES ('a'); UPDATE probe SET word = 'b'; DELETE FROM probe"
        )
        for forbidden in (
            "CREATE TABLE other (n int)",
            "DROP TABLE probe",
            "ALTER TABLE probe ADD x int",
            "TRUNCATE probe",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await application.execute(forbidden)
    finally:
        await application.close()
        await owner.execute("DROP TABLE probe")
        await owner.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_no_service_connects_to_the_database_of_another(postgres: Connections, service: str) -> None:
    for other in set(SERVICES) - {service}:
        for owner in (False, True):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connect(postgres.database_url(service, owner=owner, database=other))


async def test_nobody_connects_without_the_password(postgres: Connections) -> None:
    for role in ("postgres", "scoring", owner_of("scoring")):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await connect(f"postgresql://{role}:guessed@127.0.0.1:{postgres.port('postgres')}/scoring")


def test_passwords_and_keys_are_readable_for_their_owner_alone(postgres: Connections) -> None:
    keys = [postgres.encryption_key_file, postgres.look_up_key_file, postgres.hold_out_key_file]
    secrets = [postgres.file("passwords.json"), *keys]
    assert [stat.S_IMODE(file.stat().st_mode) for file in secrets] == [0o600] * 4


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another place for the server")
def test_no_folder_of_somebody_else_is_opened_for_the_server(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    place = place_for(closed / "stack")
    assert not place.data.is_relative_to(closed)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another place for the server")
def test_a_place_outside_goes_when_its_checkout_is_gone(tmp_path: Path) -> None:
    places = []
    for name in ("deleted", "kept"):
        closed = tmp_path / name
        closed.mkdir(mode=0o700)
        places.append(place_for(closed / "stack"))
        make_home(places[-1], closed / "stack")
        (closed / "stack").mkdir()
        if name == "deleted":
            shutil.rmtree(closed)
    deleted, kept = places
    assert not deleted.home.exists()
    assert kept.binaries.exists()
    remove_home(kept)
    assert not kept.home.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root's server needs copies")
def test_an_ordinary_user_runs_the_package_itself(tmp_path: Path) -> None:
    assert place_for(tmp_path).account is None


def test_a_port_in_use_is_one_clear_line(postgres: Connections, tmp_path: Path) -> None:
    taken = postgres.port("postgres")
    second = Stack(tmp_path / "second", postgres_port=taken)
    with pytest.raises(StackError, match=rf"^port {taken} for PostgreSQL is in use: .*--postgres-port$"):
        second.start()


def test_a_second_start_of_a_running_stack_names_who_runs_it(postgres: Connections) -> None:
    with pytest.raises(StackError, match=f"already in use by process {os.getpid()}"):
        Stack(postgres.folder).start()


def test_ports_lie_below_those_the_system_gives_to_clients() -> None:
    assert all(20_000 <= free_port() < 32_000 for _ in range(5))


async def test_topics_have_their_settings(stack: Connections, topics: Topics) -> None:
    names = ["transaction-recorded", "tier-changed", "customer-recorded", "scoring.dead-letter"]
    prefix = await topics.make(names)
    found = await described(stack, [prefix + name for name in names])
    day = 24 * 60 * 60 * 1000
    history, state, confidential, letters = (found[prefix + name] for name in names)
    assert (history["cleanup.policy"], history["retention.ms"]) == ("delete", str(90 * day))
    assert (state["cleanup.policy"], state["min.compaction.lag.ms"]) == ("compact", str(7 * day))
    assert (confidential["cleanup.policy"], confidential["retention.ms"]) == ("delete", str(7 * day))
    assert int(history["max.message.bytes"]) > 2 * 2**20
    assert int(letters["max.message.bytes"]) > int(history["max.message.bytes"])


async def described(stack: Connections, names: list[str]) -> dict[str, dict[str, str]]:
    """The settings of topics as the broker has them."""
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.bootstrap_servers)
    await admin.start()
    try:
        topics = await admin.describe_topics(names)
        assert {len(topic["partitions"]) for topic in topics} == {24}
        answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
        return {
            resource[3]: {entry[0]: entry[1] for entry in resource[4]}
            for answer in answers
            for resource in answer.resources
        }
    finally:
        await admin.close()


def test_every_event_and_every_service_has_its_topic() -> None:
    names = set(every_topic())
    assert {"transaction-recorded", "tier-changed", "risk-threshold-crossed"} <= names
    assert {f"{service.replace('_', '-')}.dead-letter" for service in SERVICES} <= names
    assert "day-closed" not in names


async def test_making_topics_twice_makes_them_once(topics: Topics) -> None:
    prefix = await topics.make(["tier-changed"])
    assert await topics.make(["tier-changed"], prefix=prefix) == prefix


def test_no_topic_appears_by_itself(stack: Connections) -> None:
    text = stack.file("kafka.properties").read_text()
    assert "auto.create.topics.enable=false" in text
