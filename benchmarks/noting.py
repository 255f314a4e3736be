"""Upkeep of proof once through: whom a rule of silent days would have warned of is noted, and what came of it judged.

`python -m benchmarks.noting`, with the settings of churn-alert in the environment; prints the seconds of the noting.
"""

from time import perf_counter

import uvloop

from churn_alert.main import compose
from churn_alert.proof.handlers import judge_recency
from churn_alert.proof.noting import note_recency
from churn_alert.settings import Settings
from rapport.composition import Runtime
from rapport.messaging.observer import Observer


async def noted() -> float:
    """Seconds, without the judging."""
    settings = Settings.read()
    runtime = Runtime(compose(settings), settings, role="worker", observer=Observer())
    measure = runtime.composition.state["measure"]
    began = perf_counter()
    await note_recency(runtime.transactions, measure=measure)
    seconds = perf_counter() - began
    await judge_recency(runtime.transactions, measure=measure)
    await runtime.close()
    return seconds


if __name__ == "__main__":
    print(uvloop.run(noted()))
