"""The same two servers from containers (`STACK=containers`): another build of them, for the same tests."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from deploy.local.connections import Connections
from deploy.local.databases import create_roles_and_databases, roles
from deploy.local.ports import free_port
from deploy.local.psql import SUPERUSER
from deploy.local.secret_files import encryption_key, passwords

POSTGRES = "postgres:18"
KAFKA = "apache/kafka:4.3.1"


@contextmanager
def stack_of_containers() -> Iterator[Connections]:
    """PostgreSQL and Kafka in containers, with the same roles and databases; removed at the end."""
    with TemporaryDirectory() as folder:
        stack = Connections(Path(folder))
        stack.passwords = passwords(stack.file("passwords.json"), [SUPERUSER, *roles()])
        stack.ports = {"postgres": free_port(), "kafka": free_port()}
        encryption_key(stack.encryption_key_file)
        encryption_key(stack.look_up_key_file)
        encryption_key(stack.hold_out_key_file)
        with _postgres(stack), _kafka(stack):
            stack.run_sql(create_roles_and_databases(stack.passwords))
            yield stack


def _postgres(stack: Connections) -> DockerContainer:
    # The image starts the server twice: once alone to set it up, then for good.
    twice = LogMessageWaitStrategy("database system is ready to accept connections", times=2)
    return (
        DockerContainer(POSTGRES)
        .with_bind_ports(5432, stack.port("postgres"))
        .with_env("POSTGRES_PASSWORD", stack.passwords[SUPERUSER])
        .with_command("-c fsync=off -c max_connections=200")
        .waiting_for(twice)
    )


def _kafka(stack: Connections) -> DockerContainer:
    # The broker tells clients its address, so the port outside is chosen before it starts.
    container = DockerContainer(KAFKA).with_bind_ports(9094, stack.port("kafka"))
    settings = {
        "CLUSTER_ID": secrets.token_hex(11),
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENERS": "OUTSIDE://0.0.0.0:9094,INSIDE://localhost:9092,CONTROLLER://localhost:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"OUTSIDE://127.0.0.1:{stack.port('kafka')},INSIDE://localhost:9092",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "OUTSIDE:PLAINTEXT,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_INTER_BROKER_LISTENER_NAME": "INSIDE",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_MESSAGE_MAX_BYTES": str(6 * 1024 * 1024),
    }
    for name, value in settings.items():
        container = container.with_env(name, value)
    return container.waiting_for(LogMessageWaitStrategy(r".*Kafka Server started.*"))
