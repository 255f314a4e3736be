"""How much one caller may ask: a token bucket per subject, in this process.

With several API replicas a caller gets the limit of each; a bank's gateway holds the total.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable

_MAX_SUBJECTS = 50_000


class RateLimit:
    """`rate` requests a second, sustained, and `burst` at once. Of 50,000 callers the longest silent is forgotten."""

    def __init__(self, rate: float, burst: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, subject: str) -> int:
        """0 if the request may go on, else the whole seconds to wait."""
        now = self._clock()
        level, since = self._buckets.pop(subject, (self._burst, now))
        level = min(self._burst, level + (now - since) * self._rate)
        allowed = level >= 1.0
        self._buckets[subject] = (level - 1.0 if allowed else level, now)
        if len(self._buckets) > _MAX_SUBJECTS:
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1.0 - level) / self._rate))
