"""One of several processes of churn-alert that look at whoever's silence is due, until nobody's is.

`python -m benchmarks.due WORKERS NUMBER`, with the settings of churn-alert in the environment; prints seconds.
"""

import sys
from time import perf_counter

import uvloop

from churn_alert.main import compose
from churn_alert.settings import Settings
from rapport.composition import Runtime
from rapport.messaging.observer import Observer
from rapport.messaging.sweeper import Sweeper
from rapport.serving import collect_rarely


async def swept(partitions: list[int]) -> float:
    """Seconds of the sweeper as a worker runs it."""
    settings = Settings.read()
    collect_rarely()
    composition = compose(settings)
    runtime = Runtime(composition, settings, role="worker", observer=Observer())
    risks = [sweep for sweep in composition.sweeps if sweep.name == "risks"]
    sweeper = Sweeper(runtime.transactions, risks, Observer())
    began = perf_counter()
    while await sweeper.sweep(partitions):
        pass
    seconds = perf_counter() - began
    await runtime.close()
    return seconds


if __name__ == "__main__":
    of, number = int(sys.argv[1]), int(sys.argv[2])
    print(uvloop.run(swept(list(range(number, 24, of)))))
