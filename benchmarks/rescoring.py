"""Every customer valued anew, in memory, on one core: the chance of silence and a year's value of a million.

The floor reads the same columns once and writes one answer a customer: what no form, however fast, could be below.
"""

from time import perf_counter

import numpy as np

from benchmarks.ground import CONSOLE, middle, table, verdict
from rapport.behaviour import lifetime_value, portfolio
from rapport.behaviour.lifetime import History, MbgParameters
from rapport.behaviour.lifetime_value import Terms
from rapport.behaviour.portfolio import Counts, Floats, Histories
from rapport.behaviour.spend import Spending, SpendParameters, expected_spend

CUSTOMERS = 1_000_000
SCALAR = 1_000
ROUNDS = 3
QUARTER = 13.0
YEAR = Terms(periods=12, period=365.0 / 84.0, discount=0.005, margin=1.0, calibration=1.0)
SPEND = SpendParameters(6.25, 3.74, 15.44)  # CDNOW's
# In weeks: CDNOW's buyers over a year and a half, and users of a bank, at it every week, over five years.
CROWDS = {
    "buyers": (MbgParameters(0.525, 6.183, 0.891, 1.614), 78.0),
    "users": (MbgParameters(2.5, 2.0, 0.3, 1.5), 260.0),
}


def run() -> None:
    """Print customers a second of the floor, of all at once and of one by one."""
    for name, (of, longest) in CROWDS.items():
        histories, means = _crowd(of, longest)
        rounds = [_round(of, histories, means) for _ in range(ROUNDS)]
        floors, ours, scalars = ([turn[position] for turn in rounds] for position in range(3))
        shown = table(f"rescoring {CUSTOMERS:,} {name}: P_none and 12 months' value", "", "seconds", "customers/s", "")
        for label, seconds, customers in (
            ("the same columns read once", middle(floors), CUSTOMERS),
            ("all at once", middle(ours), CUSTOMERS),
            (f"one by one, {SCALAR:,} of them", middle(scalars), SCALAR),
        ):
            shown.add_row(label, f"{seconds:,.3f}", f"{customers / seconds:,.0f}", "")
        over_floor = middle([our / floor for our, floor in zip(ours, floors, strict=True)])
        shown.add_row("all at once / floor", f"{over_floor:,.0f}", "", "")
        shown.add_row(*verdict("seconds of all at once", middle(ours), 5.0, at_least=False))
        CONSOLE.print(shown)


def _round(of: MbgParameters, histories: Histories, means: Floats) -> tuple[float, float, float]:
    began = perf_counter()
    read = histories.frequency + histories.recency + histories.age + means
    floor = perf_counter() - began
    began = perf_counter()
    silent = portfolio.probability_silent(of, histories, QUARTER)
    worth = portfolio.expected_spend(SPEND, histories.frequency, means)
    values = portfolio.lifetime_value(of, histories, worth, YEAR)
    ours = perf_counter() - began
    if not (np.isfinite(read) & np.isfinite(silent) & np.isfinite(values)).all():
        raise SystemExit("rescoring gave a number that is none")
    columns = (column[:SCALAR].tolist() for column in (*histories, means))
    people = [(History(x, last, age), Spending(x, mean)) for x, last, age, mean in zip(*columns, strict=True)]
    began = perf_counter()
    for history, spending in people:
        lifetime_value.lifetime_value(of, history, expected_spend(SPEND, spending), YEAR)
    return floor, ours, perf_counter() - began


def _crowd(of: MbgParameters, longest: float) -> tuple[Histories, Floats]:
    """Customers as the model has them, and what each spends in the mean."""
    draw = np.random.default_rng(1)
    age, rate = draw.uniform(0.0, longest, CUSTOMERS), draw.gamma(of.r, 1.0 / of.alpha, CUSTOMERS)
    due: Counts = draw.poisson(rate * age)
    stays: Counts = draw.geometric(np.maximum(draw.beta(of.a, of.b, CUSTOMERS), 1e-12)) - 1
    frequency = np.minimum(due, stays)
    recency = age * draw.beta(np.maximum(frequency, 1), due - np.minimum(frequency, due) + 1.0)
    means = draw.gamma(SPEND.p, 1.0 / draw.gamma(SPEND.q, 1.0 / SPEND.gamma, CUSTOMERS))
    return Histories(frequency, np.where(frequency > 0, recency, 0.0), age), means
