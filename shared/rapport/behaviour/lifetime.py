"""Buy till you die: is a customer who has fallen silent still one, and how likely is silence for the next h days?

Closed forms of the MBG/NBD model (Batislam, Denizel & Filiztekin 2007) and of the BG/NBD model (Fader, Hardie & Lee
2005), computed in logarithms: every probability lies within [0, 1], for any history and any positive parameters. All
durations of one call, and `alpha`, are in one unit of time: whichever the parameters were fitted in. Why MBG/NBD, and
why the risk is silence and not P(alive): docs/decisions/0011-churn-risk-is-the-chance-of-silence.md.
"""

from dataclasses import dataclass, replace
from math import exp, expm1, inf, log, log1p, sqrt, ulp
from typing import NamedTuple, Self

from rapport.behaviour.root import first_at_or_above_zero

LARGEST_EXPONENT = 700.0
_LEAST = ulp(0.5)


class History(NamedTuple):
    """The field's x, t_x and T: activities after the first, when the last of them was, and how long ago the first was.

    `recency` and `age` count from the first activity; 0 <= recency <= age, and recency is 0 where frequency is 0.
    """

    frequency: int
    recency: float
    age: float


@dataclass(frozen=True, slots=True)
class MbgParameters:
    """Rates vary as Gamma(r, alpha); the chance to leave after any activity, the first included, as Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float

    def __post_init__(self) -> None:
        _require_positive(self.r, self.alpha, self.a, self.b)

    def log_odds_gone(self, history: History) -> float:
        """ln of P(gone) / P(alive)."""
        return _log_odds(self, history, self.b + history.frequency)

    def stays(self, history: History) -> float:
        """The second parameter of the posterior Beta of leaving, of one who is alive."""
        return self.b + history.frequency + 1.0

    def in_unit(self, size: float) -> Self:
        """The same customers with time counted in a unit that is `size` of the present one: weeks to days is 1/7."""
        return replace(self, alpha=self.alpha / size)


@dataclass(frozen=True, slots=True)
class BgParameters:
    """As MBG/NBD, but nobody leaves before a second activity: a customer who came once is alive for ever."""

    r: float
    alpha: float
    a: float
    b: float

    def __post_init__(self) -> None:
        _require_positive(self.r, self.alpha, self.a, self.b)

    def log_odds_gone(self, history: History) -> float:
        """ln of P(gone) / P(alive); minus infinity for one who came once."""
        return _log_odds(self, history, self.b + history.frequency - 1.0) if history.frequency else -inf

    def stays(self, history: History) -> float:
        """The second parameter of the posterior Beta of leaving, of one who is alive."""
        return self.b + history.frequency


Parameters = MbgParameters | BgParameters


def probability_alive(parameters: Parameters, history: History) -> float:
    """P(alive). Not a risk score: a customer who came once long ago may count as alive."""
    return 1.0 / (1.0 + _odds_gone(parameters, history))


def probability_gone(parameters: Parameters, history: History) -> float:
    """1 - P(alive), without cancellation where it is small."""
    odds = _odds_gone(parameters, history)
    return odds / (1.0 + odds)


def probability_silent(parameters: Parameters, history: History, horizon: float) -> float:
    """P(no activity within the next `horizon`): the risk score. It rises with every day of silence.

    Also the chance that a gap exceeds a fixed length H after a silence of s: the horizon is then H - s.
    """
    odds, shape = _odds_gone(parameters, history), parameters.r + history.frequency
    silent_though_alive = exp(-shape * log1p(horizon / (parameters.alpha + history.age)))
    return (odds + silent_though_alive) / (odds + 1.0)


class SilenceAhead(NamedTuple):
    """`probability_silent` of one history by the silence that is still to come, for who asks it many times.

    `gone_at_last`: ln of P(gone) / P(alive) right at the last activity; `reached`: alpha and the recency; `span`: alpha
    and the age.
    """

    gone_at_last: float
    shape: float
    reached: float
    span: float
    horizon: float

    @classmethod
    def of(cls, parameters: Parameters, history: History, horizon: float) -> Self:
        """From the history's age on."""
        frequency, recency, age = history
        at_last, alpha = parameters.log_odds_gone(History(frequency, recency, recency)), parameters.alpha
        return cls(at_last, parameters.r + frequency, alpha + recency, alpha + age, horizon)

    def odds(self, silence: float) -> float:
        """P(no activity within the horizon) against P(some), so much later without activity."""
        at_last, shape, reached, span, horizon = self
        span += silence
        gone = exp(min(at_last + shape * log(span / reached), LARGEST_EXPONENT))
        silent_though_alive = exp(-shape * log1p(horizon / span))
        return (gone + silent_though_alive) / max(1.0 - silent_though_alive, _LEAST)


def age_when_alive_falls_to(parameters: Parameters, history: History, probability: float) -> float:
    """The age at which P(alive) falls to `probability` if nothing more happens; closed form, infinite for never.

    Below the recency where P(alive) is lower than that from the last activity on.
    """
    return _age_when_gone(parameters, history, log(1.0 - probability) - log(probability))


def age_when_silence_reaches(parameters: Parameters, history: History, horizon: float, threshold: float) -> float:
    """The age at which P(no activity within `horizon`) reaches `threshold` if nothing more happens; now if it has.

    Closed forms enclose the crossing, so that the search needs a few steps: one of P(gone) and P(silent though alive)
    must have come to 1 - sqrt(1 - threshold), and neither can have passed the threshold before. The answer is never
    early (the probability there is at least the threshold) and at most 1e-10 of (alpha + age) late.
    """
    if not 0.0 < threshold < 1.0:
        raise ValueError("a probability is crossed only between 0 and 1")
    if probability_silent(parameters, history, horizon) >= threshold:
        return history.age
    half = threshold / (1.0 + sqrt(1.0 - threshold))
    earliest, latest = (
        min(
            _age_when_gone(parameters, history, log(reached) - log(1.0 - reached)),
            _age_when_quiet_though_alive(parameters, history, horizon, reached),
        )
        for reached in (half, threshold)
    )
    shape, since_last = parameters.r + history.frequency, parameters.alpha + history.recency
    at_last = parameters.log_odds_gone(history._replace(age=history.recency))

    def over(age: float) -> float:  # probability_silent - threshold, with all that does not change taken out
        span = parameters.alpha + age
        odds = exp(min(at_last + shape * log(span / since_last), LARGEST_EXPONENT))
        return (odds + exp(-shape * log1p(horizon / span))) / (odds + 1.0) - threshold

    low, tolerance = max(earliest, history.age), max(1e-10 * (parameters.alpha + history.age), 4.0 * ulp(latest))
    high = first_at_or_above_zero(over, low, max(latest, low) + tolerance, tolerance)
    while probability_silent(parameters, history._replace(age=high), horizon) < threshold:
        high += tolerance  # rounding in a closed form, or between the two ways to compute
    return high


def _age_when_gone(parameters: Parameters, history: History, log_odds: float) -> float:
    at_last = parameters.log_odds_gone(history._replace(age=history.recency))
    exponent = (log_odds - at_last) / (parameters.r + history.frequency)
    since_last = expm1(exponent) if exponent < LARGEST_EXPONENT else inf
    return history.recency + (parameters.alpha + history.recency) * since_last


def _age_when_quiet_though_alive(parameters: Parameters, history: History, horizon: float, probability: float) -> float:
    exponent = -log(probability) / (parameters.r + history.frequency)
    return horizon / expm1(min(exponent, LARGEST_EXPONENT)) - parameters.alpha


def _odds_gone(parameters: Parameters, history: History) -> float:
    return exp(min(parameters.log_odds_gone(history), LARGEST_EXPONENT))


def _log_odds(parameters: Parameters, history: History, stayed: float) -> float:
    silence = history.age - history.recency
    shape = parameters.r + history.frequency
    return log(parameters.a / stayed) + shape * log1p(silence / (parameters.alpha + history.recency))


def _require_positive(*values: float) -> None:
    if not all(0.0 < value < inf for value in values):
        raise ValueError("the parameters r, alpha, a and b are positive and finite")
