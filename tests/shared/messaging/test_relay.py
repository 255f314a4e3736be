"""The relay waits lightly: a wake-up ends the wait, and so does the end of the worker, even both at once."""

import asyncio

import pytest

from rapport.messaging.observer import Observer
from rapport.messaging.relay import Relay
from tests.support.delivering import Delivering


async def test_the_end_of_a_worker_is_not_lost_in_a_wake_up_of_the_same_moment(tally: Delivering) -> None:
    relay = Relay(tally.runtime.engine, Observer())
    waiting = asyncio.create_task(relay.wait())
    await asyncio.sleep(0.01)
    relay.wake()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
