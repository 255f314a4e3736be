"""`python -m <package> set-aside`: events that could not be handled when their time came, listed or given back."""

import argparse
import sys
from typing import Any

import uvloop

from rapport.ahead import store
from rapport.asking import NotKept, add_listing_options
from rapport.composition import Composition, Runtime
from rapport.messaging.observer import Observer
from rapport.service import Command
from rapport.settings import ServiceSettings
from rapport.telemetry.logs import get_logger


def _add_options(parser: argparse.ArgumentParser) -> None:
    add_listing_options(parser, "set-aside event")


def _act(composition: Composition, settings: ServiceSettings, asked: argparse.Namespace) -> None:
    uvloop.run(_asked(Runtime(composition, settings, role="operator", observer=Observer()), asked))


async def _asked(runtime: Runtime, asked: argparse.Namespace) -> None:
    try:
        await (show(runtime, asked) if asked.replay is None else give_back(runtime, asked))
    finally:
        await runtime.close()


async def show(runtime: Runtime, asked: argparse.Namespace) -> None:
    """Print `limit` of what was set aside, `after` one, and say beside it how many more there are."""
    after, service = asked.after, runtime.composition.name
    async with runtime.engine.connect() as connection:
        for row in await store.listing(connection, after=after, limit=asked.limit):
            after = row["event_id"]
            told = f"{row['event_type']}/{row['partition']}"
            print(f"{after}  {service}  {told}  {row['told_at'].isoformat()}  {row['reason']}")
        if more := await store.count_after(connection, after):
            print(f"{service}: {more} more: --after {after} lists them", file=sys.stderr)


async def give_back(runtime: Runtime, asked: argparse.Namespace) -> None:
    """Have the worker handle what `replay` names again, and keep in the log what was given back. Raises NotKept."""
    which = None if asked.replay == "all" else asked.replay
    async with runtime.engine.begin() as connection:
        given = await store.give_back(connection, which, is_stream_time=runtime.transactions.service.is_stream_time)
    if which and not given:
        raise NotKept(f"there is no set-aside event {which}: it was handled meanwhile, or never was")
    get_logger().info("set-aside events were given back", action=str(asked.replay), count=len(given))
    print(f"{runtime.composition.name}: {len(given)} set-aside events will be handled once more by the worker")


SET_ASIDE: Command[Any] = Command(
    "set-aside", "list events that were set aside, or have them handled once more", _add_options, _act
)
