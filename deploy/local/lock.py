"""Writes kafka.lock: which jars Kafka needs, resolved from its POMs, each with its hash (`make lock`)."""

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory

from jgo.maven import MavenContext

from deploy.local.jars import LOCK
from deploy.local.maven import repository

KAFKA = "org.apache.kafka:kafka_2.13:4.3.1"
# Without a binding to slf4j Kafka logs nothing, not even why it ends. Taken without what it needs, which Kafka brings:
# resolved together, its parent's managed versions would bring an older kafka-clients.
BINDING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"
HEADER = f"# {KAFKA} with what it needs, and {BINDING}: path in a Maven repository, SHA-256. Written by `make lock`.\n"


def main() -> None:
    """Resolves, downloads and hashes; the file is written when all is there."""
    with TemporaryDirectory() as cache:
        context = MavenContext(repo_cache=Path(cache), remote_repos={"central": repository().url})
        kafka = context.create_dependency(KAFKA)
        _, nodes = context.resolver.get_dependency_list([kafka])
        asked = [kafka, context.create_dependency(BINDING), *(node.dep for node in nodes)]
        artifacts = [dependency.artifact for dependency in asked]
        lines = []
        for artifact in artifacts:
            file = artifact.resolve()
            lines.append(f"{file.relative_to(cache).as_posix()} {hashlib.sha256(file.read_bytes()).hexdigest()}\n")
    LOCK.write_text(HEADER + "".join(sorted(set(lines))))


if __name__ == "__main__":
    main()
