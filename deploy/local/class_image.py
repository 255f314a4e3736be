"""Makes Kafka start in a third of the time: one training run, after which Java keeps an image of its loaded classes.

Without the image everything works, only slower; so a failure here is said and forgotten.
"""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from aiokafka.errors import KafkaError

from deploy.local import jars
from deploy.local.errors import StackError
from deploy.local.kafka import CLASS_IMAGE, Kafka
from deploy.local.ports import free_port
from deploy.local.processes import Processes
from rapport.messaging.topics import create_topics


def is_current() -> bool:
    """Whether the image was made from the jars that are here."""
    newest = max((jars.FOLDER / jar.name).stat().st_mtime for jar in jars.locked())
    return CLASS_IMAGE.exists() and CLASS_IMAGE.stat().st_mtime >= newest


def make() -> None:
    """A broker of its own in a temporary folder: started, given a topic, ended; Java writes the image as it ends."""
    draft = CLASS_IMAGE.with_suffix(".draft")
    with TemporaryDirectory() as name:
        folder = Path(name)
        processes = Processes(folder)
        broker, port = Kafka(folder, processes), free_port()
        try:
            broker.prepare(port, free_port())
            broker.start(port, options=(f"-XX:AOTCacheOutput={draft}",))
            asyncio.run(create_topics(f"127.0.0.1:{port}", {"training": {"cleanup.policy": "compact"}}))
            broker.stop(timeout=120)
        finally:
            processes.stop_all()
    if draft.exists():
        draft.chmod(0o644)
        draft.replace(CLASS_IMAGE)


def main() -> None:
    """Makes the image when it is missing or older than the jars."""
    if is_current():
        return
    try:
        make()
    except (StackError, KafkaError, OSError) as error:
        print(f"Kafka will start slower: no image of its classes ({error})", file=sys.stderr)


if __name__ == "__main__":
    main()
