"""`python -m <package> archive`: the bank's events that a replay reads, from Kafka into Parquet files."""

import argparse
import asyncio
import logging
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from rapport.clock import utc_now
from rapport.composition import Composition, Runtime
from rapport.messaging.log import HistoryMissing, KafkaLog
from rapport.messaging.observer import Observer
from rapport.messaging.records import TopicPartition
from rapport.progress import COLUMNS
from rapport.service import Command, Refused
from rapport.settings import ServiceSettings

CLOCKS_APART = timedelta(seconds=5)
"""A broker whose clock is behind ours can still append records of moments that are past for us, after the ends of the
logs were read: an archive that claimed them complete would never have them."""


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("archive"), help="folder, new or to go on with (%(default)s)")


def _act(composition: Composition, settings: ServiceSettings, asked: argparse.Namespace) -> None:
    """Archive, with a bar that counts offsets. Raises Refused."""
    from rapport.messaging.archiving import archive  # noqa: PLC0415 - pyarrow, that no other process needs

    os.umask(0o077)  # what the bank told of its customers
    service = Runtime(composition, settings, role="archive", observer=Observer()).transactions.service
    logs = [TopicPartition(topic, number) for topic in service.of_customers for number in range(service.partitions)]
    console, moment = Console(), utc_now() - CLOCKS_APART
    logging.getLogger("aiokafka").setLevel(logging.WARNING)  # a line for every log would tear the bar
    with Progress(*COLUMNS, console=console) as progress:
        bar = progress.add_task("archiving", total=None)

        def show(done: int, total: int) -> None:
            progress.update(bar, completed=done, total=total)

        try:
            asyncio.run(archive(KafkaLog(settings.kafka), logs, asked.out, moment, written=show))
        except HistoryMissing as missing:
            raise Refused(str(missing)) from None
    said = f"{asked.out} is complete up to {moment.isoformat()}: read it with --archive {asked.out}"
    console.print(said, soft_wrap=True)


ARCHIVE: Command[Any] = Command("archive", "keep the bank's events in Parquet files, for replays", _add_folder, _act)
