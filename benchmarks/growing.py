"""Whether a bank's size is felt: registration and portrait of a customer among a million and among ten thousand.

Two databases and two APIs at once, asked in turn, so that whatever the machine does meanwhile falls on both. A portrait
is asked for by a system, which sees all customers, and by the customer's own manager, who sees two hundred.
"""

import random
from collections.abc import Callable, Mapping
from functools import cache
from time import perf_counter
from typing import NamedTuple

import uvloop

from benchmarks.files import Profile, customer, identity, profile, ready
from benchmarks.ground import CONSOLE, Ground, table, verdict
from benchmarks.told import manager

SMALL = 10_000
LARGE = 1_000_000
ASKED = 1000
WARM_UP = 100
GOAL = 1.2


class Asked(NamedTuple):
    """A request; its headers beside those of a system of the bank."""

    method: str
    path: str
    body: Mapping[str, object] | None = None
    headers: Mapping[str, str] | None = None


Ask = Callable[[Profile, int], Asked]
"""What is asked of a bank about the customer of a number."""


def run(ground: Ground, customers: int = LARGE) -> None:
    """Fill both, ask both in turn, show both and their ratio."""
    with profile(ground, SMALL) as small, profile(ground, customers) as large:
        shown = table(
            f"{ASKED:,} requests one after the other, ms", "", f"{SMALL:,}", f"{customers:,}", "ratio", "goal", ""
        )
        for name, ask in KINDS.items():
            few, many = uvloop.run(_measure(ask, (small, SMALL), (large, customers)))
            for label, share in (("p50", 0.50), ("p99", 0.99)):
                ratio = _quantile(many, share) / _quantile(few, share)
                row, reached, *judged = verdict(f"{name}, {label}", ratio, GOAL, at_least=False)
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
            for api, (bank, there), taken in ((few, small, times[0]), (many, large, times[1])):
                asked = ask(bank, LARGE + turn if ask is _register else draw.randrange(there))
                began = perf_counter()
                answer = await api.request(asked.method, asked.path, json=asked.body, headers=asked.headers)
                seconds = perf_counter() - began
                answer.raise_for_status()
                if turn >= WARM_UP:
                    taken.append(seconds)
    return times


def _register(_: Profile, number: int) -> Asked:
    new = {"customer_id": customer(number), "unit": "B0001", "customer_since": "2020-01-01"}
    return Asked("POST", "/customers", {**new, "identity": identity(number)})


def _portrait(_: Profile, number: int) -> Asked:
    return Asked("GET", f"/customers/{customer(number)}/portrait")


def _own_portrait(bank: Profile, number: int) -> Asked:
    return _portrait(bank, number)._replace(headers=_manager(bank, manager(number)))


@cache
def _manager(bank: Profile, subject: str) -> Mapping[str, str]:
    return bank.bearer("rm", subject)


KINDS: Mapping[str, Ask] = {
    "registration": _register,
    "portrait, by a system": _portrait,
    "portrait, by the customer's manager": _own_portrait,
}
