"""Whether a bank's size is felt: registration and portrait of a customer among a million and among ten thousand.

Two databases and two APIs at once, asked in turn, so that whatever the machine does meanwhile falls on both.
"""

import random
from collections.abc import Awaitable, Callable
from time import perf_counter

import httpx
import uvloop

from benchmarks.files import Profile, customer, identity, profile, ready
from benchmarks.ground import CONSOLE, Ground, table, verdict

SMALL = 10_000
LARGE = 1_000_000
ASKED = 2000
WARM_UP = 300
GOAL = 1.2
Ask = Callable[[httpx.AsyncClient, int], Awaitable[httpx.Response]]


def run(ground: Ground, customers: int = LARGE) -> None:
    """Fill both, ask both in turn, show both and their ratio."""
    with profile(ground, SMALL) as small, profile(ground, customers) as large:
        shown = table(
            f"{ASKED:,} requests one after the other, ms", "", f"{SMALL:,}", f"{customers:,}", "ratio", "goal", ""
        )
        for name, ask in (("registration", _register), ("portrait", _portrait)):
            few, many = uvloop.run(_measure(ask, (small, SMALL), (large, customers)))
            for label, share in (("p50", 0.50), ("p99", 0.99)):
                ratio = _quantile(many, share) / _quantile(few, share)
                row, reached, *judged = verdict(f"{name} {label}", ratio, GOAL, at_least=False)
                shown.add_row(row, f"{_quantile(few, share):.2f}", f"{_quantile(many, share):.2f}", reached, *judged)
    CONSOLE.print(shown)


def _quantile(times: list[float], share: float) -> float:
    return sorted(times)[min(int(len(times) * share), len(times) - 1)] * 1000


async def _measure(ask: Ask, small: tuple[Profile, int], large: tuple[Profile, int]) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    draw = random.Random(1)
    async with small[0].client() as few, large[0].client() as many:
        await ready(few)
        await ready(many)
        for turn in range(WARM_UP + ASKED):
            for api, there, taken in ((few, small[1], times[0]), (many, large[1], times[1])):
                number = draw.randrange(there) if ask is _portrait else LARGE + turn
                began = perf_counter()
                answer = await ask(api, number)
                seconds = perf_counter() - began
                answer.raise_for_status()
                if turn >= WARM_UP:
                    taken.append(seconds)
    return times


async def _register(api: httpx.AsyncClient, number: int) -> httpx.Response:
    new = {"customer_id": customer(number), "unit": "B0001", "customer_since": "2020-01-01"}
    return await api.post("/customers", json={**new, "identity": identity(number)})


async def _portrait(api: httpx.AsyncClient, number: int) -> httpx.Response:
    return await api.get(f"/customers/{customer(number)}/portrait")
