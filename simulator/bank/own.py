"""What customers do of themselves: pay, withdraw, transfer, log in, visit, call; by day, hour, pay day and season."""

import math
from bisect import bisect
from random import Random

from rapport.events.bank import Channel
from simulator.bank.intents import Intent, Posting, Use
from simulator.bank.kinds import CARD, DEPOSIT, QR, TRANSFER_OUT, WITHDRAWAL
from simulator.bank.life import HOUR, Life
from simulator.bank.personas import ACTIONS
from simulator.bank.plan import BusinessDay

_BUSY_HOURS = (8, 9, 10, 11, 12, 12, 12, 13, 14, 15, 16, 17, 18, 18, 19, 19, 19, 20, 20, 21, 22)
_PAYMENTS = {"qr": (QR, 0.5), "card": (CARD, 1.6), "transfer": (TRANSFER_OUT, 3.0)}
"""Kind, and the mean in baskets; `population` sizes the basket by the same figures."""
_CHANNELS: dict[str, Channel] = {"page": "web", "visit": "branch", "call": "contact-centre"}
_NOTE = 10_000
"""Machines give notes of 100 yuan."""


def own_doings(life: Life, day: BusinessDay, pace: float) -> list[Intent]:
    """The day's doings at `pace`, the share of the usual activity that the customer's course leaves."""
    mean = life.rate * pace * day.pace * _season(life, day)
    return [_doing(life, day) for _ in range(poisson(life.rng, mean))]


def _season(life: Life, day: BusinessDay) -> float:
    summer = 0.35 if day.is_summer and life.persona.name == "student" else 1.0
    of_month = day.date.day
    return summer * (1.3 if any(0 <= of_month - payday <= 3 for payday in life.paydays) else 0.92)


def _doing(life: Life, day: BusinessDay) -> Intent:
    rng, account = life.rng, life.accounts[0]
    ms = day.start_ms + _BUSY_HOURS[int(rng.random() * len(_BUSY_HOURS))] * HOUR + int(rng.random() * HOUR)
    action = ACTIONS[bisect(life.mix, rng.random())]
    match action:
        case "qr" | "card" | "transfer":
            kind, baskets = _PAYMENTS[action]
            return Posting(ms, account, -usual_sum(life, baskets), kind)
        case "withdraw":
            return Posting(ms, account, -_in_notes(usual_sum(life, 4.0)), WITHDRAWAL)
        case "deposit":
            return Posting(ms, account, _in_notes(usual_sum(life, 6.0)), DEPOSIT)
        case "login":
            return Use(ms, "login", "mobile" if rng.random() < 0.85 else "web")
        case "page" | "visit" | "call":
            return Use(ms, action, _CHANNELS[action])


def _in_notes(minor: int) -> int:
    return max(_NOTE, minor // _NOTE * _NOTE)


def usual_sum(life: Life, baskets: float) -> int:
    """A sum of about so many baskets, in minor units; its mean is that, its tail is long."""
    return max(100, int(life.basket * baskets * life.rng.lognormvariate(-0.25, 0.7)))


def poisson(rng: Random, mean: float) -> int:
    """A Poisson draw by Knuth's product of uniforms: fast for the small means of a day."""
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count
